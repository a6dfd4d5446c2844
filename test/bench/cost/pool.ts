import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Path } from "./paths.ts";
import type { Measured } from "./world.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));

export interface Job {
  readonly path: Path["name"];
  readonly numbers: number;
  /** The driver's one module. */
  readonly driver: string;
}

/**
 * Measures as many at a time as there are processors; what is counted does not depend on the time it takes. The last
 * jobs take longest and begin first, so that no processor waits for another in the end.
 */
export async function measureAll(jobs: readonly Job[]): Promise<readonly Measured[]> {
  const results = new Map<Job, Measured>();
  const queue = jobs.toReversed().values();
  const worker = async () => {
    for (const job of queue) {
      const began = performance.now();
      results.set(job, await inChild(job));
      const seconds = Math.round((performance.now() - began) / 1000);
      console.error(`${job.path} at ${job.numbers} numbers: counted in ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return jobs.flatMap((job) => results.get(job) ?? []);
}

async function inChild(job: Job): Promise<Measured> {
  const child = fork(CHILD);
  child.send(job);
  const failed = once(child, "exit").then(() => {
    throw new Error(`${job.path} at ${job.numbers} numbers could not be measured`);
  });
  const [measured] = await Promise.race([once(child, "message"), failed]);
  failed.catch(() => {}); // It ends when it has told.
  return measured as Measured;
}
