import * as z from "zod";
import { languageList, timeToLive } from "./fields.ts";

/** An Android app that may take the code by itself (Cloud API, "Zero-tap authentication templates"). */
const app = z.strictObject({
  package_name: z
    .string()
    .max(224)
    .regex(/^\w+(\.\w+)+$/, "Give two or more segments of letters, digits and underscores: com.example.app."),
  signature_hash: z
    .string()
    .regex(/^[A-Za-z0-9+/=]{11}$/, "Give the 11 characters of the signing key's hash."),
});

/**
 * An authentication template as the team wants it. WhatsApp writes its text; the bounds are those of Meta's
 * pages "Authentication templates" and "Time to live".
 */
export const authenticationDraft = z
  .strictObject({
    category: z.literal("authentication"),
    languages: languageList,
    button: z.enum(["copy_code", "one_tap", "zero_tap"]).default("copy_code"),
    code_expiration_minutes: z
      .int()
      .min(1)
      .max(90)
      .nullable()
      .default(null)
      .meta({ description: "What the footer says; null for no footer." }),
    add_security_recommendation: z.boolean().default(true),
    message_send_ttl_seconds: timeToLive(900).default(600),
    supported_apps: z.array(app).max(5).default([]),
    zero_tap_terms_accepted: z.boolean().default(false),
  })
  .superRefine(({ button, supported_apps: apps, zero_tap_terms_accepted: accepted }, context) => {
    const say = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (button !== "copy_code" && apps.length === 0)
      say("supported_apps", `${button} needs at least one app.`);
    if (button === "zero_tap" && !accepted) {
      say("zero_tap_terms_accepted", "zero_tap needs WhatsApp's terms for it accepted.");
    }
  })
  .meta({ id: "AuthenticationTemplate" });

export type AuthenticationDraft = z.output<typeof authenticationDraft>;
