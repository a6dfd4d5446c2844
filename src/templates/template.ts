import * as z from "zod";
import { described } from "../platform/documented.ts";
import { DAY_MS } from "../platform/time.ts";

const text = z.string().nullable().default(null);

/** A template in one language: its status at WhatsApp, and its texts where they are ours. */
const templateLanguage = z.object({
  /** WhatsApp's status: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` and others. */
  status: z.string(),
  id: text,
  quality: text,
  rejected_reason: text,
  header: text,
  /** Null when unknown, and when a send would need more than texts: a file, a product or a flow. */
  body: text,
  footer: text,
  buttons: z
    .array(
      z.object({
        /** `url`, `quick_reply`, `phone_number`. */
        type: z.string(),
        text: z.string(),
        url: z.string().optional(),
        phone_number: z.string().optional(),
      }),
    )
    .default([]),
  /** Example values by parameter, for WhatsApp's review and for previews. */
  examples: z.record(z.string(), z.string()).default({}),
  library: z
    .object({ name: z.string(), parameters: z.array(z.string()) })
    .optional()
    .meta(
      described({
        description:
          "The template of Meta's library that it was made from, and the parameters in the order of WhatsApp's numbers.",
      }),
    ),
});

/** A message template as stored in KV: one value with all its languages, by WhatsApp's language codes. */
export const templateSchema = z.object({
  name: z.string(),
  category: z.enum(["authentication", "utility", "marketing"]),
  /** WhatsApp drops an undelivered message after this time without an error ("Time to live"). */
  time_to_live_seconds: z.int().nullable().default(null),
  /** Options of an authentication template; null when unknown. */
  add_security_recommendation: z.boolean().nullable().default(null),
  code_expiration_minutes: z.int().nullable().default(null),
  languages: z.record(z.string(), templateLanguage),
});

export type Template = z.output<typeof templateSchema>;
export type TemplateLanguage = z.output<typeof templateLanguage>;
export type TemplateButton = TemplateLanguage["buttons"][number];

/** A language whose status alone is known. */
export function languageWith(status: string, more: Partial<TemplateLanguage> = {}): TemplateLanguage {
  return { ...templateLanguage.parse({ status }), ...more };
}

/** A template without known languages: a new one, or one that was deleted. */
export function nameOnly(name: string, category: Template["category"]): Template {
  return {
    name,
    category,
    languages: {},
    time_to_live_seconds: null,
    add_security_recommendation: null,
    code_expiration_minutes: null,
  };
}

/** KV keys have at most 512 bytes, slightly less than WhatsApp's template names. */
export const TEMPLATE_NAME = /^[a-z0-9_]{1,500}$/;

/** How long WhatsApp does not take the name of an approved template that was deleted ("Template management"). */
export const NAME_BLOCK_MS = 30 * DAY_MS;

/** The KV key of a template. */
export function keyOf(name: string): string {
  return `template/${name}`;
}

const LANGUAGES = "en_US en_GB id es es_MX pt_BR fr de it nl tr ar hi ms vi ru zh_CN zh_HK ja ko".split(" ");

/**
 * The authentication template that every deployment starts with. WhatsApp supplies its text, so it is the
 * same in every account. Its languages are assumed until templates are created or synced.
 */
export const DEFAULT_TEMPLATE: Template = templateSchema.parse({
  name: "verification_code",
  category: "authentication",
  time_to_live_seconds: 300,
  add_security_recommendation: true,
  code_expiration_minutes: 5,
  languages: Object.fromEntries(LANGUAGES.map((language) => [language, { status: "APPROVED" }])),
});
