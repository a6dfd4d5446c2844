import type { Environment } from "./environment.ts";
import { measureThroughput } from "./load.ts";
import type { Service } from "./services.ts";

/** Sandi's default limit: the eleventh message to a number in a day is refused. */
const SENDS_PER_DAY = 10;

/** Indonesian mobile numbers: `+62812` and eight more digits, the first of which is not zero. */
const NUMBERS_IN_PLAN = 90_000_000;
/** Coprime to {@link NUMBERS_IN_PLAN}, so no number repeats, and large, so neighbours are in different ranges. */
const STEP = 12_347_801;

let drawn = 0;

/** New numbers, spread over the numbering plan as a country's users are. */
export function drawNumbers(count: number): readonly string[] {
  const first = drawn;
  drawn += count;
  return Array.from({ length: count }, (_, index) => {
    return `+62812${10_000_000 + (((first + index) * STEP) % NUMBERS_IN_PLAN)}`;
  });
}

/**
 * The numbers that one service verifies. Each is verified once before it is measured, so that a measurement does
 * not include the creation of an object's database file.
 */
export class NumberPool {
  readonly #environment: Environment;
  readonly #service: Service;
  #numbers: readonly string[] = [];
  #sendsLeft = 0;

  constructor(environment: Environment, service: Service) {
    this.#environment = environment;
    this.#service = service;
  }

  /** Numbers that may each receive as many messages as asked for; new ones once the daily limit is used up. */
  async take(count: number, sends: number): Promise<readonly string[]> {
    if (count > this.#numbers.length || sends > this.#sendsLeft) {
      this.#numbers = drawNumbers(count);
      await measureThroughput(this.#environment, this.#service, this.#numbers, 1);
      this.#sendsLeft = SENDS_PER_DAY - 1;
    }
    this.#sendsLeft -= sends;
    return this.#numbers.slice(0, count);
  }
}
