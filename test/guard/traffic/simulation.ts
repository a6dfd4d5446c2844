import { type Range, rangeOf } from "../../../src/guard/range.ts";
import { type BudgetSettings, budgetSettings, capSettings } from "../../../src/guard/settings.ts";
import { DAY_MS, HOUR_MS } from "../../../src/platform/time.ts";
import { Random } from "../../world/random.ts";
import { ATTACKS, type Attack, attackVisits } from "./attacks.ts";
import { COUNTRIES, country } from "./countries.ts";
import { honestDay } from "./honest.ts";
import { BEGIN, type Visit } from "./visit.ts";
import { type Guard, type Refusal, type Witness, World } from "./world.ts";

const DAYS = 14;
const CAMPAIGN_DAY = 9;
const ATTACK_BEGINS_AT = BEGIN + DAYS * DAY_MS + 9 * HOUR_MS;
/** How many sends each range of an attack may cost before the guard has to have noticed. */
const FIRST_SENDS = 20;

export interface Tried {
  readonly tried: number;
  readonly refused: number;
}

export interface Row {
  readonly attack: Attack;
  /** How many ranges it met. */
  readonly ranges: number;
  readonly sends: Tried;
  /** Without what would be the first sends on each range. */
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
  /** What a verification of those two weeks costs its range's object. */
  readonly honestRows: number;
  readonly rows: readonly Row[];
  readonly refusals: readonly Refusal[];
}

/** What a team of this size might set: a little above the largest country's, and the whole, campaign day. */
export const CAPS = capSettings.parse({
  sends_per_country_per_day: 6_000,
  cost_per_day: 2_000,
  prices: Object.fromEntries(COUNTRIES.map(({ code, price }) => [code, { authentication: price }])),
});
const NO_CAPS = capSettings.parse({ prices: CAPS.prices });
export const ENFORCED = budgetSettings.parse({ mode: "enforce" });
const RECORDED = budgetSettings.parse({ mode: "record_only" });

/** Two weeks of honest traffic, and then each of the attacks on a day of its own, all with the same past. */
export function simulate(
  seed: number,
  budget: BudgetSettings = ENFORCED,
  rangeOfNumber: Guard["rangeOf"] = rangeOf,
  attacks: readonly Attack[] = ATTACKS,
): Result {
  const guard = { budget, caps: NO_CAPS, rangeOf: rangeOfNumber };
  const random = new Random(seed);
  const past = new World(guard);
  const refusals: Refusal[] = [];
  const collect = (refusal: Refusal | null) => refusal !== null && refusals.push(refusal);

  const honest = new Count();
  const weeks = Array.from({ length: DAYS }, (_, day) => honestDay(day, day === CAMPAIGN_DAY, random)).flat();
  past.live(weeks, (_, __, refusal) => {
    honest.add(refusal);
    collect(refusal);
  });

  const honestRows = past.rowsWritten / weeks.length;

  const unguarded = new World(guard);
  const day = honestDay(DAYS, false, random);
  const daysAfter = [honestDay(DAYS + 2, false, random), honestDay(DAYS + 3, false, random)];
  const rows = attacks.map((attack) => {
    const visits = [...day, ...attackVisits(attack, ATTACK_BEGINS_AT, random)];
    const enforced = new Day();
    const world = past.fork(guard);
    world.live(visits, (...told) => {
      enforced.witness(...told);
      collect(told[2]);
    });
    const honestAfter = daysAfter.map((after) => {
      const count = new Count();
      world.live(after, (_, __, refusal) => count.add(refusal));
      return count;
    });
    const capped = new Day();
    unguarded.fork({ ...guard, caps: CAPS, budget: RECORDED }).live(visits, capped.witness);
    return { ...row(attack, honest, enforced, capped, visits, rangeOfNumber), honestAfter };
  });
  return { honest, honestRows, rows, refusals };
}

function row(
  attack: Attack,
  past: Tried,
  enforced: Day,
  capped: Day,
  visits: readonly Visit[],
  rangeOfNumber: Guard["rangeOf"],
): Omit<Row, "honestAfter"> {
  const { price } = country(attack.country);
  const cost = ({ tried, refused }: Tried) => (tried - refused) * price;
  const attacked = new Set(visits.filter((v) => !v.honest).map((v) => rangeOfNumber(v.number)));
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

/** Counts what became of a day with an attack in it. */
class Day {
  readonly sends = new Count();
  readonly afterFirst = new Count();
  readonly honest = new Count();
  readonly #seen = new Map<Range, number>();
  readonly #honestByRange = new Map<Range, Count>();
  readonly witness: Witness = (visit, range, refusal) => {
    if (visit.honest) {
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
