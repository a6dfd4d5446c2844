import type { Contender } from "./contenders.ts";
import type { Stage } from "./stage.ts";
import { measureThroughput } from "./throughput.ts";

/** Sandi's limit: the eleventh message of a number's day is refused. */
const SENDS_A_DAY = 10;

/**
 * The numbers that one contender is asked to verify. Each has been verified once before it is measured: what is
 * of interest is a code's way, not how fast a file system makes the databases of numbers never seen before.
 */
export class Numbers {
  readonly #stage: Stage;
  readonly #contender: Contender;
  #numbers: readonly string[] = [];
  #sendsLeft = 0;

  constructor(stage: Stage, contender: Contender) {
    this.#stage = stage;
    this.#contender = contender;
  }

  /** So many numbers that may each be sent so many messages; others than before only where those have had theirs. */
  async take(count: number, sends: number): Promise<readonly string[]> {
    if (count > this.#numbers.length || sends > this.#sendsLeft) {
      this.#numbers = fresh(count);
      await measureThroughput(this.#stage, this.#contender, this.#numbers, 1);
      this.#sendsLeft = SENDS_A_DAY - 1;
    }
    this.#sendsLeft -= sends;
    return this.#numbers.slice(0, count);
  }
}

/** Indonesian mobile numbers: `+62812` and eight more digits, the first of these no zero. */
const PLACES = 90_000_000;
/** Shares no factor with {@link PLACES}, so that no number comes twice, and leaves no two in one range. */
const STEP = 12_347_801;

let drawn = 0;

/** Spread over the number plan, as a country's users are. */
function fresh(count: number): readonly string[] {
  const first = drawn;
  drawn += count;
  return Array.from({ length: count }, (_, index) => {
    return `+62812${10_000_000 + (((first + index) * STEP) % PLACES)}`;
  });
}
