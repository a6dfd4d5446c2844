import * as z from "zod";
import type { AuthenticationTemplateChoice } from "../templates/authentication.ts";
import { DEFAULT_TTL_SECONDS, templateLanguage, templateName, timeToLive, word } from "./template-request.ts";

// Limits in this file: Meta's pages on authentication templates, time to live and template management.

const supportedApp = z.object({
  package_name: z
    .string()
    .max(224)
    .regex(/^\w+(\.\w+)+$/),
  signature_hash: z.string().regex(/^[A-Za-z0-9+/=]{11}$/),
});

const otpButton = z
  .object({
    type: word("OTP"),
    otp_type: word("COPY_CODE", "ONE_TAP", "ZERO_TAP"),
    text: z.string().min(1).max(25).optional(),
    autofill_text: z.string().min(1).max(25).optional(),
    supported_apps: z.array(supportedApp).min(1).max(5).optional(),
    zero_tap_terms_accepted: z.boolean().optional(),
  })
  .refine(({ otp_type, supported_apps }) => otp_type === "COPY_CODE" || supported_apps !== undefined, {
    error: "required for one-tap and zero-tap",
    path: ["supported_apps"],
  })
  .refine(({ otp_type, zero_tap_terms_accepted }) => otp_type !== "ZERO_TAP" || zero_tap_terms_accepted, {
    error: "must be true for zero-tap",
    path: ["zero_tap_terms_accepted"],
  });

const component = z.object({
  type: word("BODY", "FOOTER", "BUTTONS"),
  add_security_recommendation: z.boolean().optional(),
  code_expiration_minutes: z.int().min(1).max(90).optional(),
  buttons: z.array(otpButton).length(1).optional(),
});

const template = z.looseObject({
  name: templateName,
  category: word("AUTHENTICATION"),
  components: z
    .array(component)
    .refine((components) => components.some(({ buttons }) => buttons !== undefined), "needs an OTP button"),
  message_send_ttl_seconds: timeToLive(900).default(DEFAULT_TTL_SECONDS.AUTHENTICATION),
});

/** `POST /{business account}/message_templates` for a template of category AUTHENTICATION. */
export const authenticationCreateSchema = template.extend({ language: templateLanguage });

/** `POST /{business account}/upsert_message_templates`: all languages at once, so no labels of one's own. */
export const upsertSchema = template
  .extend({ languages: z.array(templateLanguage).min(1) })
  .refine(({ components }) => !components.some(({ buttons }) => buttons?.some(hasOwnLabel)), {
    error: "text and autofill_text are not supported in bulk",
    path: ["components"],
  });

function hasOwnLabel({ text, autofill_text }: z.infer<typeof otpButton>): boolean {
  return text !== undefined || autofill_text !== undefined;
}

/** What a request chooses for its template in one of its languages. */
export function templateChoice(
  request: z.infer<typeof template>,
  language: string,
): AuthenticationTemplateChoice {
  const find = (type: "BODY" | "FOOTER" | "BUTTONS") => request.components.find((part) => part.type === type);
  const button = find("BUTTONS")?.buttons?.[0];
  return {
    name: request.name,
    language,
    securityRecommendation: find("BODY")?.add_security_recommendation ?? false,
    expirationMinutes: find("FOOTER")?.code_expiration_minutes ?? null,
    otpType: button?.otp_type ?? "COPY_CODE",
    buttonText: button?.text ?? null,
    sendTtlSeconds: request.message_send_ttl_seconds,
  };
}
