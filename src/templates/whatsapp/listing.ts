import * as z from "zod";
import {
  languageWith,
  TEMPLATE_NAME,
  type Template,
  type TemplateLanguage,
  templateSchema,
} from "../template.ts";
import { settingsIn, textsIn } from "./components.ts";

/** One language of a template, as WhatsApp lists it. */
export const listedTemplate = z.object({
  id: z.string(),
  name: z.string().regex(TEMPLATE_NAME),
  language: z.string(),
  status: z.string(),
  category: z.string().toLowerCase().pipe(templateSchema.shape.category),
  components: z.unknown().optional(),
  rejected_reason: z.string().nullish(),
  quality_score: z.object({ score: z.string() }).nullish(),
  message_send_ttl_seconds: z.int().nullish(),
});
export type ListedTemplate = z.output<typeof listedTemplate>;

/** Quality, reason and time to live come only when asked for. */
export const LISTED_FIELDS = Object.keys(listedTemplate.shape).join();

/** Puts together what WhatsApp lists language by language. */
export function toTemplates(listed: readonly ListedTemplate[]): readonly Template[] {
  return [...Map.groupBy(listed, ({ name }) => name)].map(([name, languages]) => ({
    name,
    category: languages[0]?.category ?? "utility",
    time_to_live_seconds: shortest(languages),
    ...settingsIn(languages[0]?.components),
    languages: Object.fromEntries(languages.map((one) => [one.language, toLanguage(one)])),
  }));
}

/** Languages may differ; whoever waits for a message may not wait longer than the first of them to give up. */
function shortest(languages: readonly ListedTemplate[]): number | null {
  const seconds = languages.flatMap(({ message_send_ttl_seconds: ttl }) =>
    ttl == null ? [] : toSeconds(ttl),
  );
  return seconds.length > 0 ? Math.min(...seconds) : null;
}

/** WhatsApp writes -1 for its longest time to live. */
export function toSeconds(timeToLive: number): number {
  return timeToLive === -1 ? 30 * 86_400 : timeToLive;
}

function toLanguage({
  id,
  status,
  rejected_reason,
  quality_score,
  components,
}: ListedTemplate): TemplateLanguage {
  return languageWith(status, {
    id,
    quality: quality_score?.score ?? null,
    rejected_reason: reasonOf(rejected_reason),
    ...textsIn(components),
  });
}

/** WhatsApp says `NONE` where there is no reason. */
export function reasonOf(reason: string | null | undefined): string | null {
  return reason == null || reason === "NONE" ? null : reason;
}
