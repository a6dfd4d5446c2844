import { setTimeout as pause } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import type { Response } from "./http.ts";
import { checkAll, start } from "./load.ts";
import type { Stage } from "./stage.ts";

/** Starts a second, and for how long. */
export interface Rate {
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * An open loop: starts come at a set rate, whether or not the ones before have their answers, one for each
 * number. Afterwards all of them are checked, so that their numbers are free for the next measurement.
 *
 * @returns of each start, the milliseconds that its answer took beyond those that WhatsApp held it
 */
export async function measureAdded(
  stage: Stage,
  contender: Contender,
  numbers: readonly string[],
  perSecond: number,
): Promise<readonly number[]> {
  const started = new Map<string, Response>();
  const added: number[] = [];
  const running: Promise<void>[] = [];
  const beganAt = performance.now();
  for (const [index, number] of numbers.entries()) {
    const wait = beganAt + (index * 1000) / perSecond - performance.now();
    if (wait > 0) await pause(wait);
    // From when it leaves, for a timer that is late is this client's own fault.
    const leftAt = performance.now();
    const answered = start(stage, contender, number).then((response) => {
      added.push(performance.now() - leftAt - heldBy(response));
      started.set(number, response);
    });
    running.push(answered);
  }
  await Promise.all(running);
  await checkAll(stage, contender, started, await stage.takeCodes());
  return added;
}

/** How many milliseconds WhatsApp took for a message, which its stand-in writes into the message's id. */
function heldBy({ body }: Response): number {
  const microseconds = /wamid\.\d+\.(\d+)/.exec(body)?.[1];
  if (microseconds === undefined) throw new Error("An answer names no message");
  return Number(microseconds) / 1000;
}
