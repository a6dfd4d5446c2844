import * as z from "zod";
import { known } from "../../channels/whatsapp/webhook.ts";
import {
  languageWith,
  TEMPLATE_NAME,
  type Template,
  type TemplateButton,
  type TemplateLanguage,
  templateSchema,
} from "../template.ts";

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

/** WhatsApp returns quality, reason and time to live only when they are named in `fields`. */
export const LIST_FIELDS = Object.keys(listedTemplate.shape).join();

/** Groups WhatsApp's list, which has one item per language, by template. */
export function toTemplates(listed: readonly ListedTemplate[]): readonly Template[] {
  return [...Map.groupBy(listed, ({ name }) => name)].map(([name, languages]) => ({
    name,
    category: languages[0]?.category ?? "utility",
    time_to_live_seconds: shortest(languages),
    ...settingsIn(languages[0]?.components),
    languages: Object.fromEntries(languages.map((listed) => [listed.language, toLanguage(listed)])),
  }));
}

/** The shortest time to live of all languages, because a send waits only until the first may have expired. */
function shortest(languages: readonly ListedTemplate[]): number | null {
  const seconds = languages.flatMap(({ message_send_ttl_seconds: ttl }) =>
    ttl == null ? [] : toSeconds(ttl),
  );
  return seconds.length > 0 ? Math.min(...seconds) : null;
}

/** Time to live in seconds; WhatsApp uses -1 for its maximum of 30 days. */
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

/** The rejection reason; WhatsApp uses `NONE` for no reason. */
export function reasonOf(reason: string | null | undefined): string | null {
  return reason == null || reason === "NONE" ? null : reason;
}

/** The texts of a template in one language. */
export type Texts = Pick<TemplateLanguage, "header" | "body" | "footer" | "buttons" | "examples">;

const named = z.object({ param_name: z.string(), example: z.string() });
const component = z.object({
  type: z.string().toUpperCase(),
  format: z.string().toUpperCase().optional(),
  text: z.string().optional(),
  buttons: z.unknown().optional(),
  example: z
    .object({
      header_text: z.array(z.string()).catch([]),
      body_text: z.array(z.array(z.string())).catch([]),
      header_text_named_params: z.array(named).catch([]),
      body_text_named_params: z.array(named).catch([]),
    })
    .optional(),
  add_security_recommendation: z.boolean().optional(),
  code_expiration_minutes: z.int().optional(),
});
const button = z.object({
  type: z.string().toLowerCase(),
  text: z.string().catch(""),
  url: z.string().optional(),
  phone_number: z.string().optional(),
});

type Component = z.output<typeof component>;

/** Options of an authentication template, the same in all its languages. */
export function settingsIn(list: unknown) {
  const components = known(component, list);
  return {
    add_security_recommendation: find(components, "BODY")?.add_security_recommendation ?? null,
    code_expiration_minutes: find(components, "FOOTER")?.code_expiration_minutes ?? null,
  };
}

/**
 * Reads the texts of a template in one language from its components. `body` is null when a send would need
 * more than texts.
 */
export function textsIn(list: unknown): Texts {
  const components = known(component, list);
  const buttons = known(button, find(components, "BUTTONS")?.buttons);
  const isPlain = components.every(isText) && buttons.every(isPlainButton);
  return {
    header: find(components, "HEADER")?.text ?? null,
    body: isPlain ? (find(components, "BODY")?.text ?? null) : null,
    footer: find(components, "FOOTER")?.text ?? null,
    buttons: [...buttons],
    examples: Object.fromEntries(components.flatMap(examplesIn)),
  };
}

function find(components: readonly Component[], type: string): Component | undefined {
  return components.find((component) => component.type === type);
}

const TEXT_COMPONENTS = ["HEADER", "BODY", "FOOTER", "BUTTONS"];
const PLAIN_BUTTONS = ["url", "quick_reply", "phone_number"];

/** Whether a send needs only text parameters for this component. */
function isText({ type, format = "TEXT" }: Component): boolean {
  return TEXT_COMPONENTS.includes(type) && format === "TEXT";
}

function isPlainButton({ type }: TemplateButton): boolean {
  return PLAIN_BUTTONS.includes(type);
}

function examplesIn({ example }: Component): readonly (readonly [string, string])[] {
  if (example === undefined) return [];
  const {
    header_text: header,
    body_text: bodies,
    header_text_named_params,
    body_text_named_params,
  } = example;
  return [
    ...[header, bodies[0] ?? []].flatMap((values) =>
      values.map((value, index) => [String(index + 1), value] as const),
    ),
    ...[...header_text_named_params, ...body_text_named_params].map(
      (parameter) => [parameter.param_name, parameter.example] as const,
    ),
  ];
}
