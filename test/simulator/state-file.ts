import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { SimulatorState } from "./store.ts";

/** Changes within this time share one write. */
const GATHER_MS = 50;

/** A large state is written less often: so many times as long as a write took passes before the next one. */
const REST_FACTOR = 10;

/** Raised when an older file can no longer be used; such a file counts as none. */
const FORMAT = 2;

/** Keeps the simulator's state in a JSON file that is always whole: each write replaces it by a rename. */
export class StateFile {
  readonly #path: string;
  #pending: (() => SimulatorState) | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns what was saved last, or undefined when there is no file of this format */
  async read(): Promise<SimulatorState | undefined> {
    let json: string;
    try {
      json = await readFile(this.#path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
    const saved: { format: unknown; state: SimulatorState } = JSON.parse(json);
    return saved.format === FORMAT ? saved.state : undefined;
  }

  /** Has the state written soon, as it is then. */
  save(state: () => SimulatorState): void {
    this.#pending = state;
    this.#writing ??= this.#write();
  }

  /** Resolves when everything saved so far is on disk. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const draft = `${this.#path}.${process.pid}`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      for (let restMs = GATHER_MS; this.#pending; ) {
        await new Promise((resolve) => setTimeout(resolve, restMs));
        const startMs = performance.now();
        const json = JSON.stringify({ format: FORMAT, state: this.#pending() });
        this.#pending = undefined;
        await writeFile(draft, json);
        await rename(draft, this.#path);
        restMs = Math.max(GATHER_MS, REST_FACTOR * (performance.now() - startMs));
      }
    } finally {
      this.#writing = undefined;
    }
  }
}
