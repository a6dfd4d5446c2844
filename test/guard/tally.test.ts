import { describe, expect, it } from "vitest";
import { costOf, reachedCap } from "../../src/guard/budget/hard-caps.ts";
import {
  countryBreach,
  countryPressure,
  mergeTallies,
  report,
  type Tally,
  today,
} from "../../src/guard/budget/tally.ts";
import { parseRange, rangeOf } from "../../src/guard/range.ts";
import { budgetSettings, capSettings } from "../../src/guard/settings.ts";
import { parseE164 } from "../../src/numbering/e164.ts";
import { DAY_MS, HOUR_MS } from "../../src/platform/time.ts";

const START = Date.UTC(2026, 0, 5);
const SETTINGS = budgetSettings.parse({});

function tally(
  ...reports: [country: string, sends: number, approvals: number, at?: number, cost?: number][]
): Tally {
  return reports.reduce<Tally>(
    (sum, [country, sends, approvals, at = 0, cost = 0]) =>
      report(sum, country, { sends, approvals, cost }, START + at),
    {},
  );
}

describe("a range", () => {
  it.each([
    ["+6281234567890", "+628123456"],
    ["+14155550123", "+1415555"],
    ["+2908123", "+290"],
  ])("of %s is its first digits, without the last four: %s", (text, range) => {
    const number = parseE164(text);
    expect(number === null ? null : rangeOf(number)).toBe(range);
    expect(parseRange(range)).toBe(range);
  });

  it.each(["628123", "+0123", "+12", "+123456789012", "+62 81", "+62a", ""])(
    "is not read out of %j",
    (text) => {
      expect(parseRange(text)).toBeNull();
    },
  );
});

describe("a country", () => {
  it.each([
    { given: "no traffic", reports: [], rule: null },
    { given: "99 unverified in an hour", reports: [["NG", 99, 0]], rule: null },
    { given: "100 unverified in an hour", reports: [["NG", 100, 0]], rule: "country_hour" },
    { given: "100 with as many approved", reports: [["NG", 200, 101]], rule: null },
    { given: "100 elsewhere", reports: [["ID", 100, 0]], rule: null },
    {
      given: "100 after a best day of 1,000",
      reports: [
        ["NG", 1000, 1000, -2 * DAY_MS],
        ["NG", 100, 0],
      ],
      rule: null,
    },
    {
      given: "seven hours of 45 unverified",
      reports: [6, 5, 4, 3, 2, 1, 0].map((hour) => ["NG", 45, 0, -hour * HOUR_MS]),
      rule: "country_day",
    },
  ] as { given: string; reports: Parameters<typeof tally>; rule: string | null }[])(
    "with $given breaks: $rule",
    ({ reports, rule }) => {
      const breach = countryBreach(tally(...reports), SETTINGS, "NG", START);
      expect(breach?.rule ?? null).toBe(rule);
      expect(countryPressure(breach)).toBe(rule === null ? "normal" : "restricted");
    },
  );
});

describe("tallies of several objects", () => {
  const parts = [
    tally(["NG", 5, 1, -HOUR_MS, 0.5], ["ID", 2, 2]),
    tally(["NG", 7, 3, -HOUR_MS, 0.25], ["NG", 1, 0, 0, 1], ["SA", 1, 1, -20 * DAY_MS]),
    tally(["ID", 1, 0, -DAY_MS, 8]),
  ];
  const whole = tally(
    ["NG", 12, 4, -HOUR_MS, 0.75],
    ["NG", 1, 0, 0, 1],
    ["ID", 1, 0, -DAY_MS, 8],
    ["ID", 2, 2],
  );

  it("tallies of several objects add up to one in any order", () => {
    expect(mergeTallies(parts, START)).toEqual(mergeTallies([whole], START));
    expect(mergeTallies([...parts].reverse(), START)).toEqual(mergeTallies([whole], START));
  });

  it("tallies drop countries without traffic for two weeks, and the cost before today", () => {
    const merged = mergeTallies(parts, START);
    expect(Object.keys(merged).sort()).toEqual(["ID", "NG"]);
    expect(merged.ID && today(merged.ID, START)).toEqual({ sends: 2, cost: 0 });
    expect(merged.NG && today(merged.NG, START)).toEqual({ sends: 1, cost: 1 });
  });
});

describe("hard caps", () => {
  const prices = { default: { authentication: 0.1, sms: 0.5 }, NG: { authentication: 0.2 } };
  const sent = tally(["NG", 500, 0, -1, 99], ["NG", 10, 0, 0, 2], ["ID", 30, 30, 0, 3]);

  it.each([
    { caps: {}, country: "NG", reached: null },
    { caps: { sends_per_country_per_day: 11 }, country: "NG", reached: null },
    { caps: { sends_per_country_per_day: 10 }, country: "NG", reached: "cap_country_sends", figure: 10 },
    { caps: { sends_per_country_per_day: 10 }, country: "SA", reached: null },
    { caps: { cost_per_country_per_day: 3 }, country: "NG", reached: null },
    { caps: { cost_per_country_per_day: 3 }, country: "ID", reached: "cap_country_cost", figure: 3 },
    { caps: { sends_per_day: 41 }, country: "SA", reached: null },
    { caps: { sends_per_day: 40 }, country: "SA", reached: "cap_sends", figure: 40 },
    { caps: { cost_per_day: 5.01 }, country: "SA", reached: null },
    { caps: { cost_per_day: 5 }, country: "SA", reached: "cap_cost", figure: 5 },
  ])("$caps, asked for $country: $reached", ({ caps, country, reached, figure }) => {
    const noon = START + 12 * HOUR_MS;
    const found = reachedCap(sent, capSettings.parse({ ...caps, prices }), country, noon);
    expect(found?.rule ?? null).toBe(reached);
    if (found === null) return;
    expect(found).toMatchObject({ figure, windowMs: DAY_MS, retryAfterMs: 12 * HOUR_MS });
    expect(found.limit).toBe(Object.values(caps)[0]);
  });

  it("hard caps count the sends whose code is not checked here, which a country's budget leaves out", () => {
    const unchecked = { sends: 0, unchecked: 100, approvals: 0, cost: 1 };
    const hooks = report({}, "NG", unchecked, START);
    const pressed = (counts: Tally) => countryBreach(counts, SETTINGS, "NG", START)?.rule ?? null;
    const caps = capSettings.parse({ sends_per_country_per_day: 100 });
    expect(reachedCap(hooks, caps, "NG", START)).toMatchObject({ rule: "cap_country_sends", figure: 100 });
    expect(pressed(hooks)).toBeNull();
    expect(pressed(report(hooks, "NG", { ...unchecked, sends: 100, unchecked: 0 }, START))).toBe(
      "country_hour",
    );
    const approved = report(hooks, "NG", { sends: 100, unchecked: -100, approvals: 100, cost: 0 }, START);
    expect(pressed(approved)).toBeNull();
    expect(approved.NG && today(approved.NG, START)).toEqual({ sends: 100, cost: 1 });
    expect(approved.NG?.counters.hours).toMatchObject([{ sends: 100, approvals: 100 }]);
  });

  it("hard caps price a message by country and category, else by the default, else at 0", () => {
    const settings = capSettings.parse({ prices });
    expect(costOf(settings, "NG", "authentication")).toBe(0.2);
    expect(costOf(settings, "NG", "sms")).toBe(0.5);
    expect(costOf(settings, "ID", "authentication")).toBe(0.1);
    expect(costOf(settings, "ID", "marketing")).toBe(0);
  });
});

describe("the guard's settings", () => {
  it.each([
    [capSettings, { sends_per_day: 0 }],
    [capSettings, { prices: { Nigeria: { authentication: 1 } } }],
    [capSettings, { sends_a_day: 5 }],
    [budgetSettings, { mode: "on" }],
    [budgetSettings, { hour: { flor: 5 } }],
    [budgetSettings, { block_minutes: [] }],
    [budgetSettings, { probes: 0 }],
  ])("refuse %#: %j", (schema, fields) => {
    expect(schema.safeParse(fields).success).toBe(false);
  });

  it("the guard's settings default to record_only for the budget and to documented values", () => {
    expect(SETTINGS).toMatchObject({ mode: "record_only", probes: 3, blockMinutes: [60, 240, 1440] });
    const { hour } = budgetSettings.parse({ hour: { floor: 5 } });
    expect(hour).toEqual({ floor: 5, ofBestDay: 0.5, ofVerified: 1.5 });
  });
});
