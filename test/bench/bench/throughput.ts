import type { Contender } from "./contenders.ts";
import { checkAll, startAll } from "./load.ts";
import type { Stage } from "./stage.ts";

/** What WhatsApp takes: short, for a long time would be all that is measured, but not nothing either. */
export const LATENCY_MS = 5;

export const NUMBERS = 500;

/** Requests a second. */
export interface Throughput {
  readonly start: number;
  readonly check: number;
  /** Of verifications: one start and one check each. */
  readonly roundTrip: number;
}

/** Verifies every number so many times as fast as it goes: all starts, then all checks of the codes that arrived. */
export async function measureThroughput(
  stage: Stage,
  contender: Contender,
  numbers: readonly string[],
  passes: number,
): Promise<Throughput> {
  let [starting, checking] = [0, 0];
  for (let pass = 0; pass < passes; pass += 1) {
    const beganAt = performance.now();
    const started = await startAll(stage, contender, numbers);
    starting += performance.now() - beganAt;

    const codes = await stage.takeCodes();
    const readAt = performance.now();
    await checkAll(stage, contender, started, codes);
    checking += performance.now() - readAt;
  }
  const perSecond = (milliseconds: number) => (passes * numbers.length * 1000) / milliseconds;
  return {
    start: perSecond(starting),
    check: perSecond(checking),
    roundTrip: perSecond(starting + checking),
  };
}
