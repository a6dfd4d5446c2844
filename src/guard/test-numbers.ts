import * as z from "zod";
import { readCode } from "../codes/code.ts";
import { parseE164 } from "../numbering/e164.ts";
import { DAY_MS } from "../platform/time.ts";
import { notAllowed } from "./destinations/not-allowed.ts";
import type { RuleMatch } from "./rule.ts";

/** Numbers with a fixed code, as a team writes them in `[[vars.GUARD.test_numbers]]`. Nothing is ever sent to one. */
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
  .transform((list) => new Map(list.map((one) => [one.number, one])));

export type TestNumbers = z.output<typeof testNumbers>;
export type TestNumber = TestNumbers extends ReadonlyMap<unknown, infer One> ? One : never;

/**
 * What is wrong with a test number whose time is over. Refused in every deployment, a developer's own as well:
 * the code is in the configuration for whoever can read that, and a forgotten number must not open a door.
 */
export function expiry({ until }: TestNumber, now: number): RuleMatch | null {
  if (now < Date.parse(until) + DAY_MS) return null;
  return notAllowed({ rule: "expired_test_number", figures: {}, limits: { until } }, "enforce");
}
