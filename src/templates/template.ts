import * as z from "zod";

const text = z.string().nullable().default(null);

/** A template in one language: what WhatsApp thinks of it, and what it says where that is ours to know. */
const templateLanguage = z.object({
  /** WhatsApp's word: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` and others. */
  status: z.string(),
  id: text,
  quality: text,
  rejected_reason: text,
  header: text,
  /** Null where nobody has told us, and where a send would need more than texts: a file, a product, a flow. */
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
  /** A value for each parameter, for the reviewer and for previews. */
  examples: z.record(z.string(), z.string()).default({}),
});

/** A message template as KV holds it: one value with all its languages, spelled as WhatsApp spells them. */
export const templateSchema = z.object({
  name: z.string(),
  category: z.enum(["authentication", "utility", "marketing"]),
  /** After this long WhatsApp drops a message that it could not deliver, and says nothing ("Time to live"). */
  time_to_live_seconds: z.int().nullable().default(null),
  /** What an authentication template says beside the code; null where that is not known. */
  add_security_recommendation: z.boolean().nullable().default(null),
  code_expiration_minutes: z.int().nullable().default(null),
  languages: z.record(z.string(), templateLanguage),
});

export type Template = z.output<typeof templateSchema>;
export type TemplateLanguage = z.output<typeof templateLanguage>;
export type TemplateButton = TemplateLanguage["buttons"][number];

/** A language of which nothing but its status is known. */
export function languageWith(status: string, more: Partial<TemplateLanguage> = {}): TemplateLanguage {
  return { ...templateLanguage.parse({ status }), ...more };
}

/** A template of which nothing is known yet, or nothing is left. */
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

/** KV takes keys of 512 bytes, a little less than WhatsApp's names may have. */
export const TEMPLATE_NAME = /^[a-z0-9_]{1,500}$/;

/** Where KV holds a template. */
export function keyOf(name: string): string {
  return `template/${name}`;
}

const LANGUAGES = "en_US en_GB id es es_MX pt_BR fr de it nl tr ar hi ms vi ru zh_CN zh_HK ja ko".split(" ");

/**
 * The authentication template that every deployment begins with. Its text is WhatsApp's own, so it is the
 * same in every account. In which languages WhatsApp has it is assumed until somebody sets templates up or
 * syncs them.
 */
export const DEFAULT_TEMPLATE: Template = templateSchema.parse({
  name: "verification_code",
  category: "authentication",
  time_to_live_seconds: 300,
  add_security_recommendation: true,
  code_expiration_minutes: 5,
  languages: Object.fromEntries(LANGUAGES.map((language) => [language, { status: "APPROVED" }])),
});
