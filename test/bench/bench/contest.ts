import type { Contender } from "./contenders.ts";
import { median } from "./figures.ts";
import { measureAdded, type Rate } from "./latency.ts";
import { checkAll, startAll } from "./load.ts";
import { freshNumbers } from "./numbers.ts";
import type { Stage } from "./stage.ts";
import { LATENCY_MS, measureThroughput, NUMBERS, type Throughput } from "./throughput.ts";

/** How long everything is measured. */
export interface Plan {
  /** Of throughput: everybody has a turn in each. */
  readonly rounds: number;
  /** How often each number is verified in a round. At most nine, for the tenth message of a number's day is refused. */
  readonly passes: number;
  readonly latency: {
    readonly rounds: number;
    readonly whatsAppMs: readonly number[];
    readonly rates: readonly Rate[];
  };
}

type Name = Contender["name"];

/** In turns, so that whatever else the machine does befalls everybody: a round's figures have each other to compare with. */
export async function contestThroughput(
  stage: Stage,
  { rounds, passes }: Plan,
): Promise<readonly Record<Name, Throughput>[]> {
  const { sandi, floor, betterAuth } = stage;
  await stage.setLatency(LATENCY_MS);
  // better-auth limits nothing here: its numbers serve in all rounds.
  const peerNumbers = freshNumbers(NUMBERS);
  const turn = async (contender: Contender) => {
    const numbers = contender === betterAuth ? peerNumbers : await touched(stage, contender, NUMBERS);
    return measureThroughput(stage, contender, numbers, passes);
  };
  const round = async () => ({
    sandi: await turn(sandi),
    floor: await turn(floor),
    better_auth: await turn(betterAuth),
  });
  await round(); // Until everybody's code is compiled.
  const results: Awaited<ReturnType<typeof round>>[] = [];
  while (results.length < rounds) results.push(await round());
  return results;
}

/** What was added to WhatsApp's own time, in milliseconds. */
export interface Added {
  readonly whatsAppMs: number;
  readonly perSecond: number;
  readonly sandi: readonly number[];
  readonly floor: readonly number[];
}

export async function contestLatency(stage: Stage, { latency }: Plan): Promise<readonly Added[]> {
  const { rounds, whatsAppMs, rates } = latency;
  const cells = whatsAppMs.flatMap((ms) =>
    rates.map((rate) => ({ ms, rate, sandi: [] as number[], floor: [] as number[] })),
  );
  const most = Math.max(...rates.map(({ perSecond, seconds }) => perSecond * seconds));
  for (let done = 0; done < rounds; done += 1) {
    await stage.setLatency(LATENCY_MS);
    const numbers = {
      sandi: await touched(stage, stage.sandi, most),
      floor: await touched(stage, stage.floor, most),
    };
    for (const { ms, rate, ...added } of cells) {
      await stage.setLatency(ms);
      for (const name of ["floor", "sandi"] as const)
        added[name].push(...(await measureAdded(stage, stage[name], numbers[name], rate)));
    }
  }
  return cells.map(({ ms, rate, sandi, floor }) => ({
    ...{ whatsAppMs: ms, perSecond: rate.perSecond, sandi, floor },
  }));
}

/** The median of a pair's ratios, each of one round. */
export function ratio(
  rounds: readonly Record<Name, Throughput>[],
  of: keyof Throughput,
  to: Exclude<Name, "sandi">,
): number {
  return median(rounds.map((round) => round.sandi[of] / round[to][of]));
}

/**
 * Numbers that have been verified once. Fresh ones each time, because Sandi allows a number ten messages a day;
 * and not on their first contact, because that would measure how fast a file system makes a database.
 */
async function touched(stage: Stage, contender: Contender, count: number): Promise<readonly string[]> {
  const numbers = freshNumbers(count);
  const started = await startAll(stage, contender, numbers);
  await checkAll(stage, contender, started, await stage.takeCodes());
  return numbers;
}
