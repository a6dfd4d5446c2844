import * as z from "zod";
import type { Plan } from "../../numbering/numbering-plans/plan.ts";
import table from "../../numbering/numbering-plans/plans.json" with { type: "json" };
import { MODES } from "../rule.ts";

const plans: Readonly<Record<string, Pick<Plan, "countries">>> = table;
const COUNTRIES = new Set(
  Object.values(plans).flatMap((plan) => plan.countries.map(({ country }) => country)),
);

/** A code that no number has would hold nobody off, and nobody would notice. */
const countries = z.array(
  z.string().refine((code) => COUNTRIES.has(code), "is not a country's ISO 3166-1 alpha-2 code such as GB"),
);

/** Where codes may go, as a team writes it in `[vars.GUARD.destinations]`. */
export const destinationSettings = z
  .strictObject({
    mode: z.enum(MODES).default("enforce"),
    /** Only these, where it is given. */
    countries_allowed: countries.min(1, "is empty: leave it out to allow every country").optional(),
    countries_denied: countries.default([]),
    /** WhatsApp Business runs on landlines too, so this is a team's own wish. */
    mobile_only: z.boolean().default(false),
    /** Numbers that earn their owner something for each message. */
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
