import * as z from "zod";
import type { NamedPurpose } from "../named-purpose.ts";

/** `[vars.COMPATIBILITY.twilio]` of wrangler.toml. */
export const twilioSettings = z
  .strictObject({
    account_sid: z
      .string()
      .regex(/^AC[0-9a-f]{32}$/, "is not an account SID, which is AC and 32 hexadecimal digits")
      .optional(),
    services: z
      .record(
        z
          .string()
          .regex(
            /^VA[0-9a-f]{32}$/,
            "is not a service SID, which is VA and 32 lower-case hexadecimal digits",
          ),
        z.string(),
      )
      .default({}),
  })
  .transform(({ account_sid, services }) => ({
    /** Shown where the user name is no account SID; null to derive it from the key. */
    accountSid: account_sid ?? null,
    /** Purposes by the service SIDs that stand for them. */
    services: new Map(Object.entries(services)),
  }));

export type TwilioSettings = z.output<typeof twilioSettings>;

/** The purposes that the settings name, by where they do. */
export function purposesOfTwilio({ services }: TwilioSettings): NamedPurpose[] {
  return [...services].map(([sid, purpose]) => ({
    path: ["COMPATIBILITY", "twilio", "services", sid],
    purpose,
  }));
}
