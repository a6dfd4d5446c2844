import * as z from "zod";
import { chooseLanguage, isLocale, regionOf } from "../numbering/locale.ts";
import { described } from "../platform/documented.ts";
import { LONGEST } from "./parameters.ts";
import { findTextFaults } from "./utility-rules.ts";

/** The languages of WhatsApp templates, in WhatsApp's codes (Cloud API, "Supported languages"). */
export const WHATSAPP_LANGUAGES: readonly string[] = (
  "af ar az bg bn ca cs da de el en en_GB en_US es es_AR es_ES es_MX et fa fi fil fr ga gu ha he hi hr hu id it ja " +
  "ka kk kn ko ky_KG lo lt lv mk ml mr ms nb nl pa pl pt_BR pt_PT ro ru rw_RW sk sl sq sr sv sw ta te th tr uk ur " +
  "uz vi zh_CN zh_HK zh_TW zu"
).split(" ");

export type LanguageCode =
  | { readonly kind: "known"; readonly code: string }
  /** The closest supported language, if any. */
  | { readonly kind: "unknown"; readonly nearest: string | null };

/**
 * Converts a BCP 47 tag or a WhatsApp code to WhatsApp's code: `pt-BR` becomes `pt_BR`, `id-ID` `id`, `ky`
 * `ky_KG`. A region is never replaced by another: `fr-CA` is unknown, with `fr` as the nearest.
 */
export function toWhatsAppLanguage(tag: string): LanguageCode {
  const nearest = isLocale(tag.replaceAll("_", "-")) ? chooseLanguage(tag, WHATSAPP_LANGUAGES) : null;
  const same = nearest !== null && regionOf(nearest) === regionOf(tag);
  return same ? { kind: "known", code: nearest } : { kind: "unknown", nearest };
}

/** Seconds, or -1 for WhatsApp's maximum of 30 days (Cloud API, "Time to live"). */
export function timeToLive(most: number) {
  return z
    .int()
    .refine(
      (seconds) => seconds === -1 || (seconds >= 30 && seconds <= most),
      `Give 30 to ${most} seconds, or -1 for 30 days.`,
    )
    .meta(described({ description: "WhatsApp drops an undelivered message after this time." }));
}

/**
 * Adds an issue for each language that WhatsApp does not support and for each duplicate under another
 * spelling.
 */
export function checkLanguages(
  tags: readonly string[],
  context: z.RefinementCtx,
  place: (tag: string, index: number) => string | number = (_, index) => index,
): void {
  const seen = new Set<string>();
  tags.forEach((tag, index) => {
    const language = toWhatsAppLanguage(tag);
    const message =
      language.kind === "unknown"
        ? `WhatsApp has no templates in this language${language.nearest ? `; the nearest is ${language.nearest}` : ""}.`
        : seen.has(language.code)
          ? `This is ${language.code} again.`
          : null;
    if (language.kind === "known") seen.add(language.code);
    if (message !== null) context.addIssue({ code: "custom", path: [place(tag, index)], message });
  });
  if (tags.length === 0) context.addIssue({ code: "custom", message: "Name at least one language." });
}

/** The WhatsApp code of a tag that passed {@link checkLanguages}. */
export function toWhatsAppCode(tag: string): string {
  const language = toWhatsAppLanguage(tag);
  return language.kind === "known" ? language.code : tag;
}

/** Languages in BCP 47 or WhatsApp's codes; parsed to the latter. */
export const languageList = z
  .array(z.string().max(35))
  .max(100)
  .superRefine((tags, context) => checkLanguages(tags, context))
  .transform((tags) => tags.map(toWhatsAppCode))
  .meta(described({ description: "BCP 47 tags or WhatsApp's language codes.", examples: [["en_US", "id"]] }));

/** An Android app that receives the code automatically (Cloud API, "Zero-tap authentication templates"). */
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
 * An authentication template as the team defines it. WhatsApp supplies its text; the limits are those of
 * Meta's pages "Authentication templates" and "Time to live".
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
      .meta(described({ description: "Minutes named in the footer; null for no footer." })),
    add_security_recommendation: z.boolean().default(true),
    message_send_ttl_seconds: timeToLive(900).default(600),
    supported_apps: z.array(app).max(5).default([]),
    zero_tap_terms_accepted: z.boolean().default(false),
  })
  .superRefine(({ button, supported_apps: apps, zero_tap_terms_accepted: accepted }, context) => {
    const addIssue = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (button !== "copy_code" && apps.length === 0)
      addIssue("supported_apps", `${button} needs at least one app.`);
    if (button === "zero_tap" && !accepted) {
      addIssue("zero_tap_terms_accepted", "zero_tap needs WhatsApp's terms for it accepted.");
    }
  })
  .meta(described({ id: "AuthenticationTemplate" }));

export type AuthenticationDraft = z.output<typeof authenticationDraft>;

const text = (most: number) => z.string().min(1).max(most);
const label = text(LONGEST.button);

/**
 * Button types that a notification supports. The maximum lengths of URL and phone number follow Meta's
 * reference and are unconfirmed.
 */
const button = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("url"), text: label, url: text(2000) }),
  z.strictObject({ type: z.literal("quick_reply"), text: label }),
  z.strictObject({
    type: z.literal("phone_number"),
    text: label,
    phone_number: z.string().regex(/^\+?\d{7,19}$/),
  }),
]);

const texts = z
  .strictObject({
    header: text(LONGEST.header).optional(),
    body: text(LONGEST.body),
    footer: text(LONGEST.footer).optional(),
    buttons: z.array(button).default([]),
    examples: z
      .record(z.string(), text(LONGEST.body))
      .default({})
      .meta(described({ description: "An example value for each parameter." })),
  })
  .superRefine((language, context) => {
    for (const { path, message } of findTextFaults(language)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  })
  .meta(described({ id: "UtilityTexts" }));

/**
 * A utility template as the team defines it; the limits are those of Meta's pages "Template components" and
 * "Time to live".
 */
export const utilityDraft = z
  .strictObject({
    category: z.literal("utility"),
    languages: z
      .record(z.string().max(35), texts)
      .superRefine((languages, context) => checkLanguages(Object.keys(languages), context, (tag) => tag))
      .transform((languages) =>
        Object.fromEntries(Object.entries(languages).map(([tag, texts]) => [toWhatsAppCode(tag), texts])),
      )
      .meta(described({ description: "By language, as BCP 47 tag or WhatsApp's language code." })),
    message_send_ttl_seconds: timeToLive(43_200).optional(),
  })
  .meta(described({ id: "UtilityTemplate" }));

export type UtilityDraft = z.output<typeof utilityDraft>;

/** A template as the team defines it. */
export const templateDraft = z.discriminatedUnion("category", [authenticationDraft, utilityDraft]);

export type TemplateDraft = z.output<typeof templateDraft>;
