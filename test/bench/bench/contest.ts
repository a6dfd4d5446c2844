import { setTimeout as pause } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import { median } from "./figures.ts";
import { measureAdded, type Rate } from "./latency.ts";
import { Numbers } from "./numbers.ts";
import type { Stage } from "./stage.ts";
import { LATENCY_MS, measureThroughput, NUMBERS, type Throughput } from "./throughput.ts";

/** How long everything is measured. */
export interface Plan {
  /** Of throughput: everybody has a turn in each. */
  readonly rounds: number;
  /** How often each number is verified in a turn. */
  readonly passes: number;
  readonly latency: {
    readonly rounds: number;
    readonly whatsAppMs: readonly number[];
    readonly rates: readonly Rate[];
  };
}

/**
 * An object leaves memory ten seconds after its last call, and takes the closing of its database along, which is
 * milliseconds of the one thread that everybody is measured in: those that are not needed are left to go first.
 */
const UNTIL_IDLE_ONES_ARE_GONE_MS = 12_000;

/** What a turn of each has brought. */
export type Round = Readonly<Record<Contender["name"], Throughput>>;

/** What was added to WhatsApp's own time, in milliseconds. */
export interface Added {
  readonly whatsAppMs: number;
  readonly perSecond: number;
  readonly sandi: readonly number[];
  readonly floor: readonly number[];
}

/**
 * Sandi, the floor and better-auth in turns, so that whatever else the machine does befalls all of them, and a
 * round's figures have each other to be compared with.
 */
export class Contest {
  readonly #stage: Stage;
  readonly #sandi: Numbers;
  readonly #floor: Numbers;
  readonly #betterAuth: Numbers;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#sandi = new Numbers(stage, stage.sandi);
    this.#floor = new Numbers(stage, stage.floor);
    this.#betterAuth = new Numbers(stage, stage.betterAuth);
  }

  async throughput({ rounds, passes }: Plan): Promise<readonly Round[]> {
    const { sandi, floor, betterAuth } = this.#stage;
    await this.#stage.setLatency(LATENCY_MS);
    const turn = async (contender: Contender, numbers: Numbers) =>
      measureThroughput(this.#stage, contender, await numbers.take(NUMBERS, passes), passes);
    const results: Round[] = [];
    // One more, and not counted: until everybody's code is compiled.
    for (let round = 0; round <= rounds; round += 1) {
      results.push({
        sandi: await turn(sandi, this.#sandi),
        floor: await turn(floor, this.#floor),
        better_auth: await turn(betterAuth, this.#betterAuth),
      });
    }
    return results.slice(1);
  }

  async latency({ latency: { rounds, whatsAppMs, rates } }: Plan): Promise<readonly Added[]> {
    const stage = this.#stage;
    const cells = whatsAppMs.flatMap((ms) =>
      rates.map((rate) => ({ ms, rate, sandi: [] as number[], floor: [] as number[] })),
    );
    const turn = async (contender: Contender, numbers: Numbers, ms: number, rate: Rate) => {
      await stage.setLatency(LATENCY_MS);
      const some = await numbers.take(rate.perSecond * rate.seconds, 2);
      // Objects leave memory after ten seconds: else this would be about how fast a file system opens databases.
      await measureThroughput(stage, contender, some, 1);
      await stage.setLatency(ms);
      return measureAdded(stage, contender, some, rate.perSecond);
    };
    let inUse = 0;
    for (const { ms, rate, sandi, floor } of cells) {
      const count = rate.perSecond * rate.seconds;
      if (count !== inUse) await pause(UNTIL_IDLE_ONES_ARE_GONE_MS);
      inUse = count;
      for (let round = 0; round < rounds; round += 1) {
        floor.push(...(await turn(stage.floor, this.#floor, ms, rate)));
        sandi.push(...(await turn(stage.sandi, this.#sandi, ms, rate)));
      }
    }
    return cells.map(({ ms, rate, sandi, floor }) => ({
      whatsAppMs: ms,
      perSecond: rate.perSecond,
      sandi,
      floor,
    }));
  }
}

/** The median of a pair's ratios, each of one round. */
export function ratio(
  rounds: readonly Round[],
  of: keyof Throughput,
  to: Exclude<Contender["name"], "sandi">,
): number {
  return median(rounds.map((round) => round.sandi[of] / round[to][of]));
}
