import * as z from "zod";
import { toWhatsAppLanguage } from "../whatsapp-languages.ts";

/** What the drafts of authentication and of utility templates have in common. */

/** Seconds, or -1 for WhatsApp's longest, 30 days (Cloud API, "Time to live"). */
export function timeToLive(most: number) {
  return z
    .int()
    .refine(
      (seconds) => seconds === -1 || (seconds >= 30 && seconds <= most),
      `Give 30 to ${most} seconds, or -1 for 30 days.`,
    )
    .meta({ description: "After this long WhatsApp drops a message that it could not deliver." });
}

/** Adds an issue for each language that WhatsApp does not know, or that is there under another spelling. */
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
          ? `This is ${language.code} once more.`
          : null;
    if (language.kind === "known") seen.add(language.code);
    if (message !== null) context.addIssue({ code: "custom", path: [place(tag, index)], message });
  });
  if (tags.length === 0) context.addIssue({ code: "custom", message: "Name at least one language." });
}

/** A language that {@link checkLanguages} has let pass, as WhatsApp spells it. */
export function spelled(tag: string): string {
  const language = toWhatsAppLanguage(tag);
  return language.kind === "known" ? language.code : tag;
}

/** Languages in BCP 47 or in WhatsApp's spelling; reads as the latter. */
export const languageList = z
  .array(z.string().max(35))
  .max(100)
  .superRefine((tags, context) => checkLanguages(tags, context))
  .transform((tags) => tags.map(spelled))
  .meta({ description: "In BCP 47 or as WhatsApp spells them.", examples: [["en_US", "id"]] });
