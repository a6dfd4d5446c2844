import * as z from "zod";

/** A message template as KV holds it: one value with all its languages, spelled as WhatsApp spells them. */
export const templateSchema = z.object({
  name: z.string(),
  category: z.enum(["authentication", "utility"]),
  /** After this long WhatsApp drops a message that it could not deliver, and says nothing ("Time to live"). */
  time_to_live_seconds: z.int().nullable().default(null),
  languages: z.record(z.string(), z.object({ status: z.string() })),
});

export type Template = z.output<typeof templateSchema>;

const LANGUAGES = "en_US en_GB id es es_MX pt_BR fr de it nl tr ar hi ms vi ru zh_CN zh_HK ja ko".split(" ");

/**
 * The authentication template that every deployment begins with. Its text is WhatsApp's own, so it is the
 * same in every account; the README's one call creates it there in these languages.
 */
export const DEFAULT_TEMPLATE: Template = {
  name: "verification_code",
  category: "authentication",
  time_to_live_seconds: 300,
  languages: Object.fromEntries(LANGUAGES.map((language) => [language, { status: "APPROVED" }])),
};
