import * as z from "zod";
import { readCode } from "../codes/code.ts";
import { priceTable } from "../messages/prices.ts";
import { parseE164 } from "../numbering/e164.ts";
import { isCountry } from "../numbering/plan.ts";
import { subscriberOf } from "../numbering/subscriber.ts";
import { isSecureUrl } from "../platform/secure-url.ts";
import { DAY_MS } from "../platform/time.ts";
import { parseWindows, type Window } from "../platform/windows.ts";
import { MODES } from "./rule.ts";

const mode = z.enum(MODES);

const figure = z.int().min(1).max(1_000_000);

const keyFigures = () =>
  z
    .strictObject({ starts_per_minute: figure.optional(), checks_per_minute: figure.optional() })
    .transform((fields) => ({ starts: fields.starts_per_minute, checks: fields.checks_per_minute }));

const fence = z
  .strictObject({
    mode: mode.default("enforce"),
    /** The limits of the rate-limit bindings in wrangler.toml, repeated here for the RateLimit header fields. */
    api_key_per_minute: z.int().min(1).default(60_000),
    client_per_minute: z.int().min(1).default(30),
    /** The same for checks. More, because people mistype codes. */
    api_key_checks_per_minute: z.int().min(1).default(120_000),
    client_checks_per_minute: z.int().min(1).default(60),
    /** Figures of single API keys by their ids, or `operator` for ADMIN_KEY. Counted in shares of 60. */
    api_keys: z
      .record(z.string().regex(/^(key_[0-9a-hjkmnp-tv-z]{32}|operator)$/), keyFigures())
      .transform((fields) => new Map(Object.entries(fields)))
      .prefault({}),
  })
  .transform((fields) => ({
    mode: fields.mode,
    apiKeyPerMinute: fields.api_key_per_minute,
    clientPerMinute: fields.client_per_minute,
    apiKeyChecksPerMinute: fields.api_key_checks_per_minute,
    ofKeys: fields.api_keys,
    clientChecksPerMinute: fields.client_checks_per_minute,
  }));

export type FenceSettings = z.output<typeof fence>;

/** Wrong codes for many numbers from one network: `[vars.GUARD.spraying]`. */
const spraying = z.strictObject({
  mode: mode.default("record_only"),
  /** For how many numbers an hour a network may check wrong codes; more where it approves many. */
  numbers: z.int().min(2).max(100).default(10),
});

export type SprayingSettings = z.output<typeof spraying>;

/** A code without phone numbers would have no effect, and nothing would show the mistake. */
const countries = z.array(
  z.string().refine(isCountry, "is not a country's ISO 3166-1 alpha-2 code such as GB"),
);

/** Where codes may go: `[vars.GUARD.destinations]`. */
export const destinationSettings = z
  .strictObject({
    mode: mode.default("enforce"),
    /** Only these countries, where it is given. */
    countries_allowed: countries.min(1, "is empty: leave it out to allow every country").optional(),
    countries_denied: countries.default([]),
    /** Off by default, because WhatsApp Business also runs on landlines. */
    mobile_only: z.boolean().default(false),
    /** Numbers that earn their owner money for each message. */
    deny_premium: z.boolean().default(true),
    /** Satellite and other networks that belong to no country. */
    deny_satellite: z.boolean().default(true),
  })
  .transform((fields) => ({
    mode: fields.mode,
    countriesAllowed: fields.countries_allowed === undefined ? null : new Set(fields.countries_allowed),
    countriesDenied: new Set(fields.countries_denied),
    mobileOnly: fields.mobile_only,
    denyPremium: fields.deny_premium,
    denySatellite: fields.deny_satellite,
  }));

export type DestinationSettings = z.output<typeof destinationSettings>;

const windows = z.string().transform((text, context): readonly Window[] => {
  const parsed = parseWindows(text);
  if (parsed !== null) return parsed;
  context.issues.push({ code: "custom", input: text, message: 'is not like "5 per 10 min, 20 per day"' });
  return z.NEVER;
});

/** Limits that the team names: `[vars.GUARD.named_limits]`. */
export const namedLimitSettings = z
  .strictObject({
    mode: mode.default("enforce"),
    /** By the limit's name. A name in a request that is missing here limits nothing. */
    windows: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, "is not a limit's name"), windows)
      .default({}),
  })
  .transform((fields) => ({ mode: fields.mode, windows: new Map(Object.entries(fields.windows)) }));

export type NamedLimitSettings = z.output<typeof namedLimitSettings>;

/**
 * How many unverified sends a window allows: the largest of a floor, a share of the approvals on the best of
 * the last fourteen days, and a share of the approvals in the window itself.
 */
function allowance(floor: number, ofBestDay: number, ofVerified: number) {
  return z
    .strictObject({
      floor: z.int().min(1).max(1_000_000).default(floor),
      of_best_day: z.number().min(0).max(10).default(ofBestDay),
      of_verified: z.number().min(0).max(10).default(ofVerified),
    })
    .prefault({})
    .transform((fields) => ({
      floor: fields.floor,
      ofBestDay: fields.of_best_day,
      ofVerified: fields.of_verified,
    }));
}

/**
 * The traffic budget: `[vars.GUARD.budget]`.
 *
 * The formula is Authgear's (docs/specs/fraud-protection.md), the constants are not. Authgear's, 0.3 of a day's
 * and 0.2 of an hour's approvals, are for whole countries, and refuse traffic that converts below 77 or 83 %.
 * Here one range is measured, and half of a limit has to hold honest traffic that converts at 70 % and asks for
 * some codes twice, or good conversions could not open a range again: that takes 1.5.
 */
export const budgetSettings = z
  .strictObject({
    /** `record_only` allows every send, counts it, and records what it would have refused. */
    mode: mode.default("record_only"),
    /** Codes still under way count as unverified; a share of the best day leaves room for a rush. */
    hour: allowance(20, 0.5, 1.5),
    day: allowance(20, 0.5, 1.5),
    /** In a country over either of these, ranges without a record of their own get no more than the probes. */
    country_hour: allowance(100, 0.25, 1),
    country_day: allowance(300, 0.5, 1),
    /** Unverified sends on probation, and the floor of every range in a country that is over its budget. */
    probes: z.int().min(1).max(100).default(3),
    /** How many approved verifications it takes to open a range, besides a good conversion. */
    reopen_after_approvals: z.int().min(1).max(100).default(3),
    /** The lengths of the first, second … block in a row; the last one repeats. */
    block_minutes: z.array(z.int().min(1).max(10_080)).min(1).max(10).default([60, 240, 1440]),
  })
  .transform((fields) => ({
    mode: fields.mode,
    hour: fields.hour,
    day: fields.day,
    countryHour: fields.country_hour,
    countryDay: fields.country_day,
    probes: fields.probes,
    reopenAfterApprovals: fields.reopen_after_approvals,
    blockMinutes: fields.block_minutes,
  }));

export type BudgetSettings = z.output<typeof budgetSettings>;
export type Allowance = BudgetSettings["day"];

const sends = z.int().min(1).optional();
const cost = z.number().positive().optional();

/**
 * Hard caps per day (UTC): `[vars.GUARD.caps]`. None is set by default, because only the team knows its means.
 * Costs are in US dollars.
 */
export const capSettings = z
  .strictObject({
    mode: mode.default("enforce"),
    sends_per_day: sends,
    sends_per_country_per_day: sends,
    cost_per_day: cost,
    cost_per_country_per_day: cost,
    /** Where the team's prices were before `[vars.PRICES]`; still read where that is missing. */
    prices: priceTable.prefault({}),
  })
  .transform((fields) => ({
    mode: fields.mode,
    prices: fields.prices,
    caps: [
      ...cap("cap_country_sends", "country", "sends", fields.sends_per_country_per_day),
      ...cap("cap_country_cost", "country", "cost", fields.cost_per_country_per_day),
      ...cap("cap_sends", "deployment", "sends", fields.sends_per_day),
      ...cap("cap_cost", "deployment", "cost", fields.cost_per_day),
    ],
  }));

export type CapSettings = z.output<typeof capSettings>;

export interface Cap {
  readonly rule: "cap_country_sends" | "cap_country_cost" | "cap_sends" | "cap_cost";
  readonly scope: "country" | "deployment";
  readonly counts: "sends" | "cost";
  readonly limit: number;
}

function cap(
  rule: Cap["rule"],
  scope: Cap["scope"],
  counts: Cap["counts"],
  limit: number | undefined,
): Cap[] {
  return limit === undefined ? [] : [{ rule, scope, counts, limit }];
}

/** The team's own check before a send: `[vars.GUARD.veto]`. */
export const vetoSettings = z
  .strictObject({
    mode: mode.default("off"),
    url: z.string().default(""),
    /** How a missing, late or invalid answer counts. */
    on_failure: z.enum(["allow", "deny"]).default("allow"),
  })
  .refine((fields) => fields.mode === "off" || isSecureUrl(fields.url), {
    path: ["url"],
    message: "is not an https address, or http on this machine",
  })
  .transform((fields) => ({ mode: fields.mode, url: fields.url, onFailure: fields.on_failure }));

export type VetoSettings = z.output<typeof vetoSettings>;

/** As Standard Webhooks writes a secret: 24 to 64 bytes in base64. */
const VETO_SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/** Numbers with a fixed code: `[[vars.GUARD.test_numbers]]`. Messages are never sent to them. */
export const testNumbers = z
  .array(
    z.strictObject({
      number: z.string().transform((text, context) => {
        const number = parseE164(text);
        if (number !== null) return number;
        context.issues.push({ code: "custom", input: text, message: "is not a number in E.164" });
        return z.NEVER;
      }),
      code: z
        .string()
        .regex(/^[A-Za-z0-9]{4,15}$/, "is not 4 to 15 letters and digits")
        .transform(readCode),
      /** The last day on which it works, UTC. */
      until: z.iso.date("is not a date such as 2027-01-31"),
    }),
  )
  .max(100)
  .transform((list) => new Map(list.map((entry) => [subscriberOf(entry.number), entry])));

export type TestNumbers = z.output<typeof testNumbers>;
export type TestNumber = TestNumbers extends ReadonlyMap<unknown, infer Entry> ? Entry : never;

/** Protection against fraud and abuse, as a team configures it in `[vars.GUARD]`. All of it may be left out. */
const guardTable = z
  .strictObject({
    fence: fence.prefault({}),
    destinations: destinationSettings.prefault({}),
    named_limits: namedLimitSettings.prefault({}),
    /** A number whose owner reports twice in a day that they requested no code. */
    number_owner: z.strictObject({ mode: mode.default("enforce") }).prefault({}),
    spraying: spraying.prefault({}),
    budget: budgetSettings.prefault({}),
    caps: capSettings.prefault({}),
    veto: vetoSettings.prefault({}),
    /** What a changed WhatsApp identity does: nothing, a mark on answers and events, or no code either. */
    identity_change: z.enum(["off", "report", "refuse_whatsapp"]).default("off"),
    /** How long a changed phone gets no code and is not trusted, unless an operator unlocks the number. */
    identity_hold_days: z.int().min(1).max(365).default(30),
    test_numbers: testNumbers.prefault([]),
  })
  .transform((fields) => ({
    fence: fields.fence,
    destinations: fields.destinations,
    namedLimits: fields.named_limits,
    numberOwner: fields.number_owner.mode,
    spraying: fields.spraying,
    budget: fields.budget,
    caps: fields.caps,
    veto: fields.veto,
    identityChange: fields.identity_change,
    identityHoldMs: fields.identity_hold_days * DAY_MS,
    testNumbers: fields.test_numbers,
  }));

export type GuardSettings = z.output<typeof guardTable> & { readonly vetoSecret: string };

/** The guard's part of the environment, for `.and(guardSettings)`. */
export const guardSettings = z
  .object({ GUARD: guardTable.prefault({}), GUARD_VETO_SECRET: z.string().default("") })
  .refine(({ GUARD, GUARD_VETO_SECRET: secret }) => GUARD.veto.mode === "off" || VETO_SECRET.test(secret), {
    path: ["GUARD_VETO_SECRET"],
    message: 'is missing: make one with `echo "whsec_$(openssl rand -base64 32)"`',
  })
  .transform(({ GUARD, GUARD_VETO_SECRET: vetoSecret }): { readonly guard: GuardSettings } => ({
    guard: { ...GUARD, vetoSecret },
  }));
