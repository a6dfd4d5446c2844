import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Measured } from "./measure.ts";
import type { Path } from "./paths.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));

export interface Job {
  readonly path: Path["name"];
  readonly numbers: number;
  /** The driver's module. */
  readonly driver: string;
}

/**
 * Measures one job per processor at a time; counts do not depend on how long a job takes. Jobs run in reverse
 * order: the last ones are the longest, and starting with them keeps all processors busy until the end.
 */
export async function measureAll(jobs: readonly Job[]): Promise<readonly Measured[]> {
  const results = new Map<Job, Measured>();
  const queue = jobs.toReversed().values();
  const worker = async () => {
    const child = fork(CHILD);
    for (const job of queue) {
      const startedAt = performance.now();
      results.set(job, await inChild(child, job));
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.error(`${job.path} at ${job.numbers} numbers: ${seconds} s`);
    }
    child.disconnect();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return jobs.flatMap((job) => results.get(job) ?? []);
}

/** A process measures the CPU time of all its children, so that it has one job at a time. */
async function inChild(child: ChildProcess, job: Job): Promise<Measured> {
  const over = new AbortController();
  const { signal } = over;
  child.send(job);
  const failed = once(child, "exit", { signal }).then(() => {
    throw new Error(`${job.path} at ${job.numbers} numbers could not be measured`);
  });
  failed.catch(() => {});
  try {
    const [measured] = await Promise.race([once(child, "message", { signal }), failed]);
    return measured as Measured;
  } finally {
    over.abort();
  }
}
