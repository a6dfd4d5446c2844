import { describe, expect, it } from "vitest";
import { Destinations } from "../../src/guard/destinations/destinations.ts";
import { destinationSettings } from "../../src/guard/settings.ts";
import { countryOf, type E164, parseE164 } from "../../src/numbering/e164.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { Guarded, holdsInEveryMode } from "./rig.ts";

const deployment = useDeployment();

const CODE = "destination_not_allowed";
const PREMIUM = "+19002345678";
const IRIDIUM = "+881612345678";
const FREEPHONE = "+80012345678";
const LANDLINE = "+442079460958";

const inGuard = (fields: object) => (mode: string) => ({ destinations: { mode, ...fields } });

/** What the rule itself says to a number. */
function ask(fields: object, number: string) {
  const to = parseE164(number);
  if (to === null) throw new Error(`${number} is no number`);
  const rule = new Destinations(destinationSettings.parse(fields));
  return rule.evaluate({ to, country: countryOf(to) })?.code ?? null;
}

holdsInEveryMode(
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

holdsInEveryMode(
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

holdsInEveryMode(
  "a network of no country, by default",
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

holdsInEveryMode(
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

holdsInEveryMode(
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
  it("without any configuration refuse networks of no country and whatever is premium, and nothing else", async () => {
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

  it("let through what the configuration says", async () => {
    const cases: [fields: object, to: string][] = [
      [{ mobile_only: true }, "+447911123456"],
      // Where nobody can tell a mobile from a landline.
      [{ mobile_only: true }, "+12125551234"],
      [{ deny_premium: false }, PREMIUM],
      [{ deny_premium: false }, "+979123456789"],
      [{ deny_satellite: false }, IRIDIUM],
      [{ countries_allowed: ["ID"] }, newNumber()],
      [{ countries_denied: ["SG"] }, newNumber()],
    ];
    for (const [fields, to] of cases) expect([fields, to, ask(fields, to)]).toEqual([fields, to, null]);
  });

  it("do not hold an area code that is younger than the table against its countries", async () => {
    const young = "+13555551234";
    expect(countryOf(young as E164)).toBeNull();
    expect(ask({ countries_allowed: ["US"] }, young)).toBeNull();
    expect(ask({ countries_denied: ["US"] }, young)).toBeNull();
    expect(ask({ countries_allowed: ["ID"] }, young)).toBe(CODE);
  });

  it("stop the Worker when a country is none, or none is allowed", () => {
    for (const [fields, complaint] of [
      [{ countries_denied: ["GB", "UK"] }, /^GUARD\.destinations\.countries_denied\.1 is not a country's/],
      [{ countries_allowed: ["id"] }, /^GUARD\.destinations\.countries_allowed\.0 is not a country's/],
      [{ countries_allowed: [] }, /^GUARD\.destinations\.countries_allowed is empty/],
    ] as const) {
      expect(() => new Guarded({ destinations: fields })).toThrow(complaint);
    }
  });

  it("refuse a number of no country where only some countries are allowed", async () => {
    expect(ask({ countries_allowed: ["ID"] }, FREEPHONE)).toBe(CODE);
  });
});
