import * as z from "zod";
import { DAY_MS } from "../../platform/time.ts";
import { MODES } from "../rule.ts";
import { type Tally, today } from "./tally.ts";

/** By country code, or `default`; then by the provider's category (`authentication`, …) or `sms`. */
const priceTable = z.record(
  z.string().regex(/^([A-Z]{2}|default)$/),
  z.record(z.string().regex(/^[a-z_-]{1,40}$/), z.number().min(0)),
);

const sends = z.int().min(1).optional();
const cost = z.number().positive().optional();

/**
 * Hard caps per day (UTC), as a team writes them in `[vars.GUARD.caps]`. None is set by default: only the
 * team knows what it can afford. Costs are in whatever unit its price table is in.
 */
export const capSettings = z
  .strictObject({
    mode: z.enum(MODES).default("enforce"),
    sends_per_day: sends,
    sends_per_country_per_day: sends,
    cost_per_day: cost,
    cost_per_country_per_day: cost,
    prices: priceTable.default({}),
  })
  .refine((fields) => !(fields.cost_per_day ?? fields.cost_per_country_per_day) || hasPrices(fields), {
    error: "a cap in money needs prices",
    path: ["prices"],
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

interface Cap {
  readonly rule: "cap_country_sends" | "cap_country_cost" | "cap_sends" | "cap_cost";
  readonly scope: "country" | "deployment";
  readonly counts: "sends" | "cost";
  readonly limit: number;
}

/** A cap that has been reached: nothing more goes to the country, or out at all, until the day ends. */
export interface CapReached extends Cap {
  readonly figure: number;
  readonly windowMs: number;
  readonly retryAfterMs: number;
}

/**
 * The first cap that is reached for a country. Its tally is a minute or two old, so a cap may be passed by
 * what is sent in that time; exact caps would put one object on the path of every start.
 */
export function reachedCap(
  tally: Tally,
  { caps }: CapSettings,
  country: string,
  now: number,
): CapReached | null {
  if (caps.length === 0) return null;
  const own = tally[country];
  const ofCountry = own === undefined ? NONE : today(own, now);
  const ofAll = Object.values(tally)
    .map((entry) => today(entry, now))
    .reduce((a, b) => ({ sends: a.sends + b.sends, cost: a.cost + b.cost }), NONE);
  const retryAfterMs = DAY_MS - (now % DAY_MS);
  for (const each of caps) {
    const figure = (each.scope === "country" ? ofCountry : ofAll)[each.counts];
    if (figure >= each.limit) return { ...each, figure, windowMs: DAY_MS, retryAfterMs };
  }
  return null;
}

/** What a message costs; nothing where the table does not say. */
export function priceOf({ prices }: CapSettings, country: string, category: string): number {
  const ofCountry = prices[country] ?? {};
  const others = prices.default ?? {};
  // WhatsApp writes some categories with a hyphen here and an underscore there.
  const spellings = [category, category.replaceAll("-", "_"), category.replaceAll("_", "-")];
  return [ofCountry, others].flatMap((table) => spellings.flatMap((one) => table[one] ?? []))[0] ?? 0;
}

const NONE = { sends: 0, cost: 0 };

function cap(
  rule: Cap["rule"],
  scope: Cap["scope"],
  counts: Cap["counts"],
  limit: number | undefined,
): Cap[] {
  return limit === undefined ? [] : [{ rule, scope, counts, limit }];
}

function hasPrices({ prices }: { readonly prices: z.output<typeof priceTable> }): boolean {
  return Object.keys(prices).length > 0;
}
