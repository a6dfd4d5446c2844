import * as z from "zod";
import { CHANNEL_NAMES } from "../../messages/message.ts";
import { isCountry } from "../../numbering/plan.ts";
import { described } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import { moment } from "../v1/fields.ts";
import type { Services } from "./services.ts";

/** The filters of the list of attempts and of their summary. */
export const attemptFilters = {
  DateCreatedAfter: moment.optional().meta(
    described({
      description: "ISO 8601: of verifications that were started from this time on.",
      examples: ["2026-11-23T00:00:00Z"],
    }),
  ),
  DateCreatedBefore: moment.optional().meta(
    described({
      description: "ISO 8601: of verifications that were started before.",
      examples: ["2026-11-24"],
    }),
  ),
  Country: z
    .string()
    .toUpperCase()
    .refine(isCountry, "Give an ISO 3166-1 code of two letters.")
    .optional()
    .meta(described({ examples: ["ID"] })),
  Channel: z
    .enum(CHANNEL_NAMES, `The channels are ${CHANNEL_NAMES.join(" and ")}.`)
    .optional()
    .meta(described({ examples: ["whatsapp"] })),
  VerifyServiceSid: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta(described({ description: "As a path names a service.", examples: ["login"] })),
};

/** The purpose of a filter's service; undefined without one. Throws a problem for a service that there is none of. */
export function purposeOf(sid: string | undefined, services: Services): string | undefined {
  if (sid === undefined) return undefined;
  const service = services.find(sid);
  if (service === null) {
    throw new Problem("not_found", { detail: "VerifyServiceSid names no purpose of this deployment." });
  }
  return service.purpose;
}

/** The parameters of a request's query without some, for the addresses in its answer. */
export function queryWithout({ url }: Request, names: readonly string[]): URLSearchParams {
  const query = new URL(url).searchParams;
  for (const name of names) query.delete(name);
  return query;
}
