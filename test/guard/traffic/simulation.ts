import { type Range, rangeOf } from "../../../src/guard/range.ts";
import { type BudgetSettings, budgetSettings, capSettings } from "../../../src/guard/settings.ts";
import { DAY_MS, HOUR_MS } from "../../../src/platform/time.ts";
import { Random } from "../../world/random.ts";
import { ATTACKS, type Attack, attackAttempts } from "./attacks.ts";
import { type Attempt, BEGIN } from "./attempt.ts";
import { COUNTRIES, country } from "./countries.ts";
import { honestDay } from "./honest.ts";
import { type GuardSetup, type Observer, type Refusal, SimulatedGuard } from "./simulated-guard.ts";

const DAYS = 14;
const CAMPAIGN_DAY = 9;
const ATTACK_BEGINS_AT = BEGIN + DAYS * DAY_MS + 9 * HOUR_MS;
/** How many sends to each range of an attack may pass before the guard has to refuse. */
const FIRST_SENDS = 20;

export interface Tried {
  readonly tried: number;
  readonly refused: number;
}

export interface Row {
  readonly attack: Attack;
  /** The number of ranges it sent to. */
  readonly ranges: number;
  readonly sends: Tried;
  /** Without the first sends to each range. */
  readonly afterFirst: Tried;
  /** In the two weeks and the day of the attack; and of that day alone. */
  readonly honest: Tried;
  readonly honestThatDay: Tried;
  /** On that day, in ranges that the attack does not touch. */
  readonly honestElsewhere: Tried;
  /** On each of the days that follow, when the attack is over. */
  readonly honestAfter: readonly Tried[];
  /** In the unit of the price table, for a guard that is off. */
  readonly costUnguarded: number;
  readonly cost: number;
  /** With the hard caps and no budget: what the attack sent and cost, and what the day's honest users paid. */
  readonly capped: { readonly sends: Tried; readonly cost: number; readonly honestThatDay: Tried };
}

export interface Result {
  readonly honest: Tried;
  /** The rows that a verification of the two weeks writes on average. */
  readonly honestRows: number;
  readonly rows: readonly Row[];
  readonly refusals: readonly Refusal[];
}

/** Realistic caps: a little above the campaign day of the largest country, and of all countries. */
export const CAPS = capSettings.parse({
  sends_per_country_per_day: 6_000,
  cost_per_day: 2_000,
  prices: Object.fromEntries(COUNTRIES.map(({ code, price }) => [code, { authentication: price }])),
});
const NO_CAPS = capSettings.parse({ prices: CAPS.prices });
export const ENFORCED = budgetSettings.parse({ mode: "enforce" });
const RECORDED = budgetSettings.parse({ mode: "record_only" });

/** Simulates two weeks of honest traffic, and then each attack on a separate day after them. */
export function simulate(
  seed: number,
  budget: BudgetSettings = ENFORCED,
  rangeOfNumber: GuardSetup["rangeOf"] = rangeOf,
  attacks: readonly Attack[] = ATTACKS,
): Result {
  const guard = { budget, caps: NO_CAPS, rangeOf: rangeOfNumber };
  const random = new Random(seed);
  const past = new SimulatedGuard(guard);
  const refusals: Refusal[] = [];
  const collect = (refusal: Refusal | null) => refusal !== null && refusals.push(refusal);

  const honest = new Count();
  const weeks = Array.from({ length: DAYS }, (_, day) => honestDay(day, day === CAMPAIGN_DAY, random)).flat();
  past.run(weeks, (_, __, refusal) => {
    honest.add(refusal);
    collect(refusal);
  });

  const honestRows = past.rowsWritten / weeks.length;

  const unguarded = new SimulatedGuard(guard);
  const day = honestDay(DAYS, false, random);
  const daysAfter = [honestDay(DAYS + 2, false, random), honestDay(DAYS + 3, false, random)];
  const rows = attacks.map((attack) => {
    const attempts = [...day, ...attackAttempts(attack, ATTACK_BEGINS_AT, random)];
    const enforced = new Day();
    const simulated = past.fork(guard);
    simulated.run(attempts, (...observed) => {
      enforced.observer(...observed);
      collect(observed[2]);
    });
    const honestAfter = daysAfter.map((after) => {
      const count = new Count();
      simulated.run(after, (_, __, refusal) => count.add(refusal));
      return count;
    });
    const capped = new Day();
    unguarded.fork({ ...guard, caps: CAPS, budget: RECORDED }).run(attempts, capped.observer);
    return { ...row(attack, honest, enforced, capped, attempts, rangeOfNumber), honestAfter };
  });
  return { honest, honestRows, rows, refusals };
}

function row(
  attack: Attack,
  past: Tried,
  enforced: Day,
  capped: Day,
  attempts: readonly Attempt[],
  rangeOfNumber: GuardSetup["rangeOf"],
): Omit<Row, "honestAfter"> {
  const { price } = country(attack.country);
  const cost = ({ tried, refused }: Tried) => (tried - refused) * price;
  const attacked = new Set(attempts.filter((v) => !v.honest).map((v) => rangeOfNumber(v.number)));
  const { sends, afterFirst, honest } = enforced;
  return {
    attack,
    ranges: attacked.size,
    sends,
    afterFirst,
    honest: { tried: past.tried + honest.tried, refused: past.refused + honest.refused },
    honestThatDay: honest,
    honestElsewhere: enforced.honestOutside(attacked),
    costUnguarded: sends.tried * price,
    cost: cost(sends),
    capped: { sends: capped.sends, cost: cost(capped.sends), honestThatDay: capped.honest },
  };
}

class Count implements Tried {
  tried = 0;
  refused = 0;

  add(refusal: Refusal | null): void {
    this.tried += 1;
    if (refusal !== null) this.refused += 1;
  }
}

/** Counts the sends of a day with an attack. */
class Day {
  readonly sends = new Count();
  readonly afterFirst = new Count();
  readonly honest = new Count();
  readonly #seen = new Map<Range, number>();
  readonly #honestByRange = new Map<Range, Count>();
  readonly observer: Observer = (attempt, range, refusal) => {
    if (attempt.honest) {
      this.honest.add(refusal);
      const count = this.#honestByRange.get(range) ?? new Count();
      count.add(refusal);
      this.#honestByRange.set(range, count);
      return;
    }
    this.sends.add(refusal);
    const seen = this.#seen.get(range) ?? 0;
    this.#seen.set(range, seen + 1);
    if (seen >= FIRST_SENDS) this.afterFirst.add(refusal);
  };

  honestOutside(attacked: ReadonlySet<Range>): Tried {
    const outside = [...this.#honestByRange].filter(([range]) => !attacked.has(range)).map(([, c]) => c);
    return {
      tried: outside.reduce((sum, { tried }) => sum + tried, 0),
      refused: outside.reduce((sum, { refused }) => sum + refused, 0),
    };
  }
}
