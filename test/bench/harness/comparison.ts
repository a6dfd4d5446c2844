import { setTimeout as pause } from "node:timers/promises";
import type { Environment } from "./environment.ts";
import { measureAddedLatency, measureThroughput, THROUGHPUT_LATENCY_MS, type Throughput } from "./load.ts";
import { NumberPool } from "./numbers.ts";
import type { Service } from "./services.ts";
import { median, type Spread, spread } from "./statistics.ts";

const NUMBERS_PER_TURN = 500;

/** How long and how often each measurement runs. */
export interface Plan {
  /** Rounds of the throughput measurement; each service has one turn a round. */
  readonly rounds: number;
  /** How often each number is verified in a turn. */
  readonly passes: number;
  readonly latency: {
    readonly rounds: number;
    readonly whatsAppMs: readonly number[];
    readonly rates: readonly { readonly startsPerSecond: number; readonly seconds: number }[];
  };
}

export interface Services {
  readonly sandi: Service;
  readonly floor: Service;
  readonly betterAuth: Service;
}

/** The throughput of each service in one round. */
export type Round = Readonly<Record<keyof Services, Throughput>>;

/** Milliseconds added to WhatsApp's latency by each start, one list a round. */
export interface AddedLatency {
  readonly whatsAppMs: number;
  readonly startsPerSecond: number;
  readonly sandi: (readonly number[])[];
  readonly floor: (readonly number[])[];
}

/**
 * workerd evicts an object ten seconds after its last call and closes its database, which takes milliseconds of
 * the measured thread. Before a cell that uses fewer objects, the idle ones are given time to leave.
 */
const EVICTION_MS = 12_000;

/** Measures the services in turns, so that a disturbance of the machine affects all of them alike. */
export class Comparison {
  readonly #environment: Environment;
  readonly #services: Services;
  readonly #pools: Readonly<Record<keyof Services, NumberPool>>;

  constructor(environment: Environment, services: Services) {
    this.#environment = environment;
    this.#services = services;
    this.#pools = {
      sandi: new NumberPool(environment, services.sandi),
      floor: new NumberPool(environment, services.floor),
      betterAuth: new NumberPool(environment, services.betterAuth),
    };
  }

  async throughput({ rounds, passes }: Plan): Promise<readonly Round[]> {
    await this.#environment.setLatency(THROUGHPUT_LATENCY_MS);
    const turn = async (name: keyof Services) => {
      const numbers = await this.#pools[name].take(NUMBERS_PER_TURN, passes);
      return measureThroughput(this.#environment, this.#services[name], numbers, passes);
    };
    const results: Round[] = [];
    // The first round compiles everybody's code and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      results.push({
        sandi: await turn("sandi"),
        floor: await turn("floor"),
        betterAuth: await turn("betterAuth"),
      });
    }
    return results.slice(1);
  }

  async latency({ latency: { rounds, whatsAppMs, rates } }: Plan): Promise<readonly AddedLatency[]> {
    const cells: (AddedLatency & { readonly count: number })[] = whatsAppMs.flatMap((milliseconds) =>
      rates.map(({ startsPerSecond, seconds }) => ({
        whatsAppMs: milliseconds,
        startsPerSecond,
        count: startsPerSecond * seconds,
        sandi: [],
        floor: [],
      })),
    );
    let objectsInUse = 0;
    for (const cell of cells) {
      if (cell.count !== objectsInUse) await pause(EVICTION_MS);
      objectsInUse = cell.count;
      for (let round = 0; round < rounds; round += 1) {
        cell.floor.push(await this.#addedLatency("floor", cell));
        cell.sandi.push(await this.#addedLatency("sandi", cell));
      }
    }
    return cells;
  }

  async #addedLatency(
    name: keyof Services,
    cell: { readonly whatsAppMs: number; readonly startsPerSecond: number; readonly count: number },
  ): Promise<readonly number[]> {
    const [environment, service] = [this.#environment, this.#services[name]];
    await environment.setLatency(THROUGHPUT_LATENCY_MS);
    const numbers = await this.#pools[name].take(cell.count, 2);
    // Brings the numbers' objects back into memory, which the pause may have evicted.
    await measureThroughput(environment, service, numbers, 1);
    await environment.setLatency(cell.whatsAppMs);
    return measureAddedLatency(environment, service, numbers, cell.startsPerSecond);
  }
}

/** The ratio of Sandi's throughput to another service's, over the rounds. */
export function throughputRatio(
  rounds: readonly Round[],
  measure: keyof Throughput,
  reference: Exclude<keyof Services, "sandi">,
): Spread {
  return spread(rounds.map((round) => round.sandi[measure] / round[reference][measure]));
}

/** The ratio of the median latencies that Sandi and the floor add, over the rounds. */
export function latencyRatio({ sandi, floor }: AddedLatency): Spread {
  return spread(sandi.map((added, round) => median(added) / median(floor[round] ?? [])));
}
