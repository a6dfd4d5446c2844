import { beforeAll, describe, expect, it } from "vitest";
import { COUNTRIES } from "./countries.ts";
import type { Refusal } from "./simulated-guard.ts";
import { ENFORCED, type Result, type Row, simulate, type Tried } from "./simulation.ts";

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
  it("the simulated traffic has its documented size, and converts at 70 to 95 %", () => {
    expect(COUNTRIES).toHaveLength(20);
    const conversions = COUNTRIES.map(({ conversion }) => conversion);
    expect([Math.min(...conversions), Math.max(...conversions)]).toEqual([0.7, 0.95]);
    expect(result.honest.tried).toBeGreaterThan(150_000);
  });

  it("honest traffic loses under 0.1 % of its sends", () => {
    expect(refusedOf(result.honest)).toBeLessThan(MOST_HONEST_REFUSED);
  });

  it("honest traffic writes a row for every other verification, one in five of which is not approved", () => {
    expect(result.honestRows).toBeLessThan(0.55);
  });

  it("honest traffic loses a hundred times as many sends with the formula's constants for countries", () => {
    const authgear = {
      ...ENFORCED,
      hour: { floor: 3, ofBestDay: 0.2 / 6, ofVerified: 0.2 },
      day: { floor: 20, ofBestDay: 0.3, ofVerified: 0.3 },
    };
    expect(refusedOf(simulate(SEED, authgear, undefined, []).honest)).toBeGreaterThan(0.05);
  }, 60_000);
});

describe("an attack", () => {
  it.each(PUMPING)("a pumping attack, %s, loses 95 %% of its sends after the first 20 of a range", (name) => {
    expect(refusedOf(row(name).afterFirst)).toBeGreaterThanOrEqual(0.95);
  });

  it("a spread or slow attack loses most of its sends, and costs less than under hard caps alone", () => {
    for (const { attack, sends, cost, capped, costUnguarded } of result.rows) {
      expect([attack.name, refusedOf(sends) > 0.85]).toEqual([attack.name, true]);
      expect(cost).toBeLessThan(capped.cost / 5);
      expect(capped.cost).toBeLessThan(costUnguarded);
    }
  });

  it("an attack costs under 0.1 % of honest sends, also in ranges that it does not touch", () => {
    for (const { honest, honestElsewhere, honestThatDay, capped } of result.rows) {
      expect(refusedOf(honest)).toBeLessThan(MOST_HONEST_REFUSED);
      expect(refusedOf(honestElsewhere)).toBeLessThan(MOST_HONEST_REFUSED);
      expect(refusedOf(honestThatDay)).toBeLessThan(0.01);
      expect(capped.honestThatDay.refused).toBeGreaterThan(0);
    }
  });

  it("the ranges of an attack accept honest sends again within two days", () => {
    for (const { honestAfter } of result.rows) {
      expect(refusedOf(honestAfter.at(-1) ?? { tried: 0, refused: 0 })).toBeLessThan(2 * MOST_HONEST_REFUSED);
    }
  });

  it("every refusal of an attack names a rule, figures and a limit that they reach", () => {
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
