import { env } from "cloudflare:workers";
import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import metadata from "libphonenumber-js/max/metadata";
import { describe, expect, it, vi } from "vitest";
import { Destinations } from "../../src/guard/destinations/destinations.ts";
import { NumberTypes } from "../../src/guard/destinations/number-types.ts";
import { destinationSettings } from "../../src/guard/destinations/settings.ts";
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
async function ask(fields: object, number: string) {
  const to = parseE164(number);
  if (to === null) throw new Error(`${number} is no number`);
  const rule = new Destinations(destinationSettings.parse(fields), new NumberTypes(env.ASSETS));
  return (await rule.evaluate({ to, country: countryOf(to) }, () => {}))?.code ?? null;
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
    for (const to of Object.keys(denied)) expect([to, await ask({}, to)]).toEqual([to, CODE]);
    for (const to of [LANDLINE, FREEPHONE, "+447911123456", newNumber()]) {
      expect([to, await ask({}, to)]).toEqual([to, null]);
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
    for (const [fields, to] of cases) expect([fields, to, await ask(fields, to)]).toEqual([fields, to, null]);
  });

  it("do not hold an area code that is younger than the table against its countries", async () => {
    const young = "+13555551234";
    expect(countryOf(young as E164)).toBeNull();
    expect(await ask({ countries_allowed: ["US"] }, young)).toBeNull();
    expect(await ask({ countries_denied: ["US"] }, young)).toBeNull();
    expect(await ask({ countries_allowed: ["ID"] }, young)).toBe(CODE);
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
    expect(await ask({ countries_allowed: ["ID"] }, FREEPHONE)).toBe(CODE);
  });
});

describe("what numbers are for", () => {
  const background = () => {};

  it("agrees with libphonenumber's full metadata, whatever the country and the kind", async () => {
    const types = new NumberTypes(env.ASSETS);
    type Packed = Record<string, readonly [string, ...unknown[]]>;
    let compared = 0;
    for (const plan of Object.values(metadata.countries as unknown as Packed)) {
      for (const kind of (plan[11] ?? []) as readonly ([string] | 0)[]) {
        if (!kind || kind[0] === "") continue;
        const numbers = fc.stringMatching(new RegExp(`^(?:${kind[0]})$`));
        for (const national of fc.sample(numbers, { numRuns: 3, seed: 5 })) {
          const to = `+${plan[0]}${national}`;
          const theirs = parsePhoneNumberFromString(to);
          const type = theirs?.number === to && theirs.getType();
          if (!type) continue;
          compared += 1;
          expect([to, await types.of(to as E164, background)]).toEqual([
            to,
            {
              mobile: type === "MOBILE" || type === "FIXED_LINE_OR_MOBILE",
              premium: type === "PREMIUM_RATE",
            },
          ]);
        }
      }
    }
    expect(compared).toBeGreaterThan(2000);
  });

  it("is read once, and read again after a reading that failed", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const assets = { fetch: vi.fn(async (address: unknown) => env.ASSETS.fetch(String(address))) };
    assets.fetch.mockRejectedValueOnce(new Error("no assets today"));
    const types = new NumberTypes(assets);
    const work: Promise<unknown>[] = [];
    const isPremium = async () =>
      (await types.of(PREMIUM as E164, (one) => void work.push(one)))?.premium ?? null;

    expect([await isPremium(), await isPremium(), assets.fetch.mock.calls.length]).toEqual([null, null, 1]);
    expect(deployment.logLines.join()).toContain("no assets today");
    for (let minute = 0; minute < 3; minute += 1) {
      vi.setSystemTime(Date.now() + 60_000);
      await isPremium();
      await Promise.all(work);
    }
    expect([await isPremium(), assets.fetch.mock.calls.length]).toEqual([true, 2]);
  });
});
