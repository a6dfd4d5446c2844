import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { SimulatorState } from "./store.ts";

/** Changes within this time share a write. */
const GATHER_MS = 50;

/** The pause before the next write, as a multiple of the duration of the last: large states are written less often. */
const REST_FACTOR = 10;

/** Increased when older files become unreadable; such files are ignored. */
const FORMAT = 2;

/** Keeps the simulator's state in a JSON file, which each write replaces atomically by a rename. */
export class StateFile {
  readonly #path: string;
  #pending: (() => SimulatorState) | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns the saved state, or undefined without a file of this format */
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

  /** Schedules a write of the state as it is then. */
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
