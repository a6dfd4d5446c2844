import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RunningWorker } from "./environment.ts";

const run = promisify(execFile);
const OUTPUT = "callgrind.out";

/**
 * Runs a command under valgrind's callgrind, which counts executed instructions; counting starts with the first
 * call of {@link CallgrindCounter.count}. V8 writes code while it runs, hence `--smc-check`.
 */
export const CALLGRIND = [
  "valgrind",
  "--quiet",
  "--tool=callgrind",
  "--instr-atstart=no",
  "--smc-check=all-non-file",
  `--callgrind-out-file=${OUTPUT}`,
];

export async function isCallgrindInstalled(): Promise<boolean> {
  try {
    await run("valgrind", ["--version"]);
    await run("callgrind_control", ["--version"]);
    return true;
  } catch {
    return false;
  }
}

/** Counts the instructions that a process under {@link CALLGRIND} executes, in all of its threads. */
export class CallgrindCounter {
  readonly #worker: RunningWorker;
  #dumps = 0;

  constructor(worker: RunningWorker) {
    this.#worker = worker;
  }

  /** @returns the instructions executed while the work runs */
  async count(work: () => Promise<void>): Promise<number> {
    await this.#control("--instr=on");
    await this.#control("--zero");
    await work();
    await this.#control("--instr=off");
    await this.#control("--dump");
    this.#dumps += 1;
    const dump = await readFile(join(this.#worker.directory, `${OUTPUT}.${this.#dumps}`), "utf8");
    const total = /^totals: (\d+)/m.exec(dump)?.[1];
    if (total === undefined) throw new Error("callgrind wrote no total");
    return Number(total);
  }

  async #control(command: string): Promise<void> {
    await run("callgrind_control", [command, String(this.#worker.workerd.pid)]);
  }
}
