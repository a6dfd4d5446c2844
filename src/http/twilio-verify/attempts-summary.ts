import * as z from "zod";
import { splitNumber } from "../../numbering/plan.ts";
import { described, documented } from "../../platform/documented.ts";
import { DAY_MS } from "../../platform/time.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { withFaults } from "../parse-input.ts";
import { attemptFilters, purposeOf } from "./attempt-query.ts";
import type { TwilioContext } from "./context.ts";
import { twilioDialect } from "./dialect.ts";
import { baseOf } from "./spelling.ts";

const USUAL_DAYS = 30;

const summary = documented(() =>
  z
    .object({
      total_attempts: z.int(),
      total_converted: z.int(),
      total_unconverted: z.int(),
      conversion_rate_percentage: z.string().meta({ description: "A text.", examples: ["81.818181818"] }),
      url: z.url(),
    })
    .meta({ id: "TwilioAttemptsSummary" }),
);

export const summaryDefinitions = {
  summarizeTwilioAttempts: defineEndpoint({
    operationId: "summarizeTwilioAttempts",
    dialect: twilioDialect,
    method: "get",
    path: "/twilio/v2/Attempts/Summary",
    scope: "reports",
    docs: documented(() => ({
      summary: "Count messages as Twilio's verification attempts",
      description: `Of verifications that have closed, over ${USUAL_DAYS} days until now where no time is given.`,
      responses: { 200: { description: "The counts.", schema: summary } },
      problems: ["not_found"],
    })),
    query: z.strictObject({
      ...attemptFilters,
      DestinationPrefix: z
        .string()
        // A query reads a plus sign that is not encoded as a space.
        .regex(/^[+ ]?\d{1,3}$/, "Give a country's calling code, such as +62: no more of a number is stored.")
        .transform((text) => text.replace(/^[+ ]/, ""))
        .refine(
          (code) => splitNumber(`+${code}`)?.national === "",
          "Give a country's calling code, such as +62.",
        )
        .optional()
        .meta(described({ examples: ["+62"] })),
    }),
  }),
};

export function summaryHandlers({ journal, services }: TwilioContext): Handlers<typeof summaryDefinitions> {
  return {
    async summarizeTwilioAttempts({ query, caller, request }) {
      const to = query.DateCreatedBefore ?? Date.now();
      const from = query.DateCreatedAfter ?? to - USUAL_DAYS * DAY_MS;
      if (from >= to) throw faultOfRange("It has to be before DateCreatedBefore.");
      const counts = await journal.countAttempts(caller.reach, {
        from,
        to,
        purpose: purposeOf(query.VerifyServiceSid, services) ?? null,
        country: query.Country ?? null,
        channel: query.Channel ?? null,
        callingCode: query.DestinationPrefix ?? null,
      });
      if (counts === null)
        throw faultOfRange("There are too many verifications to count; give a shorter time.");
      const { attempts, converted } = counts;
      const body: z.input<typeof summary> = {
        total_attempts: attempts,
        total_converted: converted,
        total_unconverted: attempts - converted,
        conversion_rate_percentage: percentage(converted, attempts),
        url: `${baseOf(request)}/Attempts/Summary${new URL(request.url).search}`,
      };
      return { status: 200, body, outcome: "counted" };
    },
  };
}

function faultOfRange(detail: string) {
  return withFaults("invalid_request", [{ pointer: "/DateCreatedAfter", detail }]);
}

/** With at most nine decimals. */
function percentage(part: number, whole: number): string {
  return whole === 0 ? "0" : String(Number(((100 * part) / whole).toFixed(9)));
}
