import { spawnSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Compiles the library that sets the wall clock of a process ahead. Needs Linux and a C compiler.
 *
 * @returns The library, for `LD_PRELOAD`.
 */
export function compileClock(folder: string): string {
  const library = join(folder, "ahead.so");
  const source = join(import.meta.dirname, "ahead.c");
  const compiled = spawnSync("cc", ["-shared", "-fPIC", "-o", library, source], { stdio: "inherit" });
  if (compiled.status !== 0)
    throw new Error("test/clock/ahead.c did not compile; is a C compiler installed?");
  return library;
}

/** The wall clock of processes that run with `env`, which a test moves while they run. */
export class Clock {
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;
  #aheadSeconds = 0;

  /** @param folder For the library and the file that the processes read; it has to outlive them. */
  constructor(folder: string) {
    this.#file = join(folder, "clock-ahead");
    this.#write();
    this.env = { LD_PRELOAD: compileClock(folder), CLOCK_AHEAD_FILE: this.#file };
  }

  /** The time that the processes read, in milliseconds. */
  now(): number {
    return Date.now() + this.#aheadSeconds * 1_000;
  }

  advance(seconds: number): void {
    this.#aheadSeconds += seconds;
    this.#write();
  }

  /** Renames the file into place: a process that read it while it is empty would go back in time. */
  #write(): void {
    const written = `${this.#file}.new`;
    writeFileSync(written, String(this.#aheadSeconds));
    renameSync(written, this.#file);
  }
}
