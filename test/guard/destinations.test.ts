import { describe, expect, it } from "vitest";
import { Destinations } from "../../src/guard/destinations/destinations.ts";
import { destinationSettings } from "../../src/guard/settings.ts";
import { countryOf, type E164, parseE164 } from "../../src/numbering/e164.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { describeRuleInEveryMode, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();

const CODE = "destination_not_allowed";
const PREMIUM = "+19002345678";
const IRIDIUM = "+881612345678";
const FREEPHONE = "+80012345678";
const LANDLINE = "+442079460958";

const inGuard = (fields: object) => (mode: string) => ({ destinations: { mode, ...fields } });

/** The rule's answer to a number. */
function ask(fields: object, number: string) {
  const to = parseE164(number);
  if (to === null) throw new Error(`${number} is no number`);
  const rule = new Destinations(destinationSettings.parse(fields));
  return rule.evaluate({ to, country: countryOf(to) })?.code ?? null;
}

describeRuleInEveryMode(
  "a country that is denied",
  {
    rule: "country",
    code: CODE,
    request: { to: newNumber() },
    guard: inGuard({ countries_denied: ["ID", "KP"] }),
    figures: { country: "ID" },
    limits: { denied: "ID" },
  },
  deployment,
);

describeRuleInEveryMode(
  "a country that is not among those allowed",
  {
    rule: "country",
    code: CODE,
    request: { to: newNumber() },
    guard: inGuard({ countries_allowed: ["SG", "US"] }),
    figures: { country: "ID" },
    limits: { allowed: "SG US" },
  },
  deployment,
);

describeRuleInEveryMode(
  "a network without a country, by default",
  {
    rule: "number_range",
    code: CODE,
    request: { to: IRIDIUM },
    guard: inGuard({}),
    figures: { prefix: "+881" },
    limits: { denied: "+881" },
  },
  deployment,
);

describeRuleInEveryMode(
  "a premium number, by default",
  {
    rule: "number_type",
    code: CODE,
    request: { to: PREMIUM },
    guard: inGuard({}),
    figures: { type: "premium_rate" },
    limits: { denied: "premium_rate" },
  },
  deployment,
);

describeRuleInEveryMode(
  "a landline, where mobiles are wanted",
  {
    rule: "number_type",
    code: CODE,
    request: { to: LANDLINE },
    guard: inGuard({ mobile_only: true }),
    figures: { type: "not_mobile" },
    limits: { allowed: "mobile" },
  },
  deployment,
);

describe("destinations", () => {
  it("networks without a country and premium numbers are refused by default, and nothing else", async () => {
    const denied = {
      "+870773111632": "Inmarsat",
      "+878101234567890": "a universal personal number",
      [IRIDIUM]: "Iridium",
      "+8821650123": "an international network",
      "+883510012345": "another international network",
      "+88812345678901": "disaster relief",
      "+80812345678": "international shared cost",
      "+979123456789": "international premium rate",
      [PREMIUM]: "North America's premium rate",
      "+449098790000": "Great Britain's premium rate",
      "+628091234567": "Indonesia's premium rate",
    };
    for (const to of Object.keys(denied)) expect([to, ask({}, to)]).toEqual([to, CODE]);
    for (const to of [LANDLINE, FREEPHONE, "+447911123456", newNumber()]) {
      expect([to, ask({}, to)]).toEqual([to, null]);
    }
  });

  it("destinations are allowed as the configuration says", async () => {
    const cases: [fields: object, to: string][] = [
      [{ mobile_only: true }, "+447911123456"],
      // The plan does not tell mobile numbers from landlines.
      [{ mobile_only: true }, "+12125551234"],
      [{ deny_premium: false }, PREMIUM],
      [{ deny_premium: false }, "+979123456789"],
      [{ deny_satellite: false }, IRIDIUM],
      [{ countries_allowed: ["ID"] }, newNumber()],
      [{ countries_denied: ["SG"] }, newNumber()],
    ];
    for (const [fields, to] of cases) expect([fields, to, ask(fields, to)]).toEqual([fields, to, null]);
  });

  it("a number of an unknown area code counts as of any country that shares its calling code", async () => {
    const young = "+13555551234";
    expect(countryOf(young as E164)).toBeNull();
    expect(ask({ countries_allowed: ["US"] }, young)).toBeNull();
    expect(ask({ countries_denied: ["US"] }, young)).toBeNull();
    expect(ask({ countries_allowed: ["ID"] }, young)).toBe(CODE);
  });

  it("an unknown country, or an empty list of allowed ones, stops the Worker", () => {
    for (const [fields, complaint] of [
      [{ countries_denied: ["GB", "UK"] }, /^GUARD\.destinations\.countries_denied\.1 is not a country's/],
      [{ countries_allowed: ["id"] }, /^GUARD\.destinations\.countries_allowed\.0 is not a country's/],
      [{ countries_allowed: [] }, /^GUARD\.destinations\.countries_allowed is empty/],
    ] as const) {
      expect(() => new GuardedService({ destinations: fields })).toThrow(complaint);
    }
  });

  it("a number without a country is refused where only some countries are allowed", async () => {
    expect(ask({ countries_allowed: ["ID"] }, FREEPHONE)).toBe(CODE);
  });
});
