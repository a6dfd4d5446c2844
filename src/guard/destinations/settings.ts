import * as z from "zod";
import { isCountry } from "../../numbering/plan.ts";
import { MODES } from "../rule.ts";

/** A code without phone numbers would have no effect, and nothing would show the mistake. */
const countries = z.array(
  z.string().refine(isCountry, "is not a country's ISO 3166-1 alpha-2 code such as GB"),
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
