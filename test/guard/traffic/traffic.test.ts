import { beforeAll, describe, expect, it } from "vitest";
import { COUNTRIES } from "./countries.ts";
import { ENFORCED, type Result, type Row, simulate, type Tried } from "./simulation.ts";
import type { Refusal } from "./world.ts";

const SEED = 1;
const PUMPING = ["one range at 50 a minute", "10 ranges at 50 a minute, from 1,000 client IPs"];
const MOST_HONEST_REFUSED = 0.001;

let result: Result;
beforeAll(() => {
  result = simulate(SEED);
}, 60_000);

function refusedOf({ tried, refused }: Tried): number {
  return refused / tried;
}

function row(name: string): Row {
  const found = result.rows.find(({ attack }) => attack.name === name);
  if (found === undefined) throw new Error(`No attack ${name}`);
  return found;
}

describe("two weeks of honest traffic in twenty countries, with a campaign day of five times the normal", () => {
  it("is as large as it claims, and converts at 70 to 95 %", () => {
    expect(COUNTRIES).toHaveLength(20);
    const conversions = COUNTRIES.map(({ conversion }) => conversion);
    expect([Math.min(...conversions), Math.max(...conversions)]).toEqual([0.7, 0.95]);
    expect(result.honest.tried).toBeGreaterThan(150_000);
  });

  it("loses under 0.1 % of its sends", () => {
    expect(refusedOf(result.honest)).toBeLessThan(MOST_HONEST_REFUSED);
  });

  it("costs a row for every other verification, of which one in five comes to nothing", () => {
    expect(result.honestRows).toBeLessThan(0.55);
  });

  it("loses a hundred times as many with the formula's constants for countries", () => {
    const authgear = {
      ...ENFORCED,
      hour: { floor: 3, ofBestDay: 0.2 / 6, ofVerified: 0.2 },
      day: { floor: 20, ofBestDay: 0.3, ofVerified: 0.3 },
    };
    expect(refusedOf(simulate(SEED, authgear, undefined, []).honest)).toBeGreaterThan(0.05);
  }, 60_000);
});

describe("an attack", () => {
  it.each(PUMPING)("that pumps, %s, loses 95 %% of its sends after the first 20 of a range", (name) => {
    expect(refusedOf(row(name).afterFirst)).toBeGreaterThanOrEqual(0.95);
  });

  it("that is spread or slow loses most of its sends, and costs less than under hard caps alone", () => {
    for (const { attack, sends, cost, capped, costUnguarded } of result.rows) {
      expect([attack.name, refusedOf(sends) > 0.85]).toEqual([attack.name, true]);
      expect(cost).toBeLessThan(capped.cost / 5);
      expect(capped.cost).toBeLessThan(costUnguarded);
    }
  });

  it("costs under 0.1 % of honest sends, and next to nothing in ranges that it does not touch", () => {
    for (const { honest, honestElsewhere, honestThatDay, capped } of result.rows) {
      expect(refusedOf(honest)).toBeLessThan(MOST_HONEST_REFUSED);
      expect(refusedOf(honestElsewhere)).toBeLessThan(MOST_HONEST_REFUSED);
      expect(refusedOf(honestThatDay)).toBeLessThan(0.01);
      expect(capped.honestThatDay.refused).toBeGreaterThan(0);
    }
  });

  it("leaves the ranges it pumped to their owners within two days", () => {
    for (const { honestAfter } of result.rows) {
      expect(refusedOf(honestAfter.at(-1) ?? { tried: 0, refused: 0 })).toBeLessThan(2 * MOST_HONEST_REFUSED);
    }
  });

  it("has each refusal explained by a rule, its figures and a limit that they reach", () => {
    expect(result.refusals.length).toBeGreaterThan(100_000);
    expect(result.refusals.filter((refusal) => !isExplained(refusal))).toEqual([]);
    expect([...new Set(result.refusals.map(({ rule }) => rule))].sort()).toEqual([
      "range_day",
      "range_hour",
      "range_probation",
    ]);
  });
});

function isExplained(refusal: Refusal): boolean {
  const figure = "figure" in refusal ? refusal.figure : refusal.unverified;
  return figure >= refusal.limit && refusal.limit > 0 && refusal.windowMs > 0 && refusal.retryAfterMs > 0;
}
