import * as z from "zod";
import type { Template, TemplateStatus } from "../templates/template.ts";
import { DEFAULT_TTL_SECONDS, templateLanguage, templateName, timeToLive, word } from "./template-request.ts";
import { checkUtilityTexts } from "./utility-texts.ts";

const namedExamples = z.array(z.object({ param_name: z.string(), example: z.string().min(1) }));

const header = z.object({
  type: z.literal("HEADER"),
  // Meta takes images, videos, documents and locations as well.
  format: word("TEXT"),
  text: z.string().min(1),
  example: z
    .object({ header_text: z.array(z.string().min(1)), header_text_named_params: namedExamples })
    .partial()
    .optional(),
});

const body = z.object({
  type: z.literal("BODY"),
  text: z.string().min(1),
  example: z
    .object({ body_text: z.array(z.array(z.string().min(1))), body_text_named_params: namedExamples })
    .partial()
    .optional(),
});

const footer = z.object({ type: z.literal("FOOTER"), text: z.string().min(1) });

const button = z.preprocess(
  withUpperCaseType,
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("QUICK_REPLY"), text: z.string().min(1) }),
    z
      .object({
        type: z.literal("URL"),
        text: z.string().min(1),
        url: z.string().regex(/^https?:\/\/[^\s{}]+(\{\{1\}\})?$/, "at most one variable, at the end"),
        example: z.array(z.string().min(1)).length(1).optional(),
      })
      .refine(({ url, example }) => !url.endsWith("}}") || example !== undefined, {
        error: "required for an address with a variable",
        path: ["example"],
      }),
    z.object({
      type: z.literal("PHONE_NUMBER"),
      text: z.string().min(1),
      phone_number: z.string().regex(/^\+?\d{7,19}$/),
    }),
  ]),
);

// How many of a kind, and the grouping, as the independent client of our tests has it: Meta's pages that we
// read do not say.
const buttons = z.object({
  type: z.literal("BUTTONS"),
  buttons: z
    .array(button)
    .min(1)
    .max(10)
    .refine((all) => all.filter(({ type }) => type === "URL").length <= 2, "at most two of type URL")
    .refine(
      (all) => all.filter(({ type }) => type === "PHONE_NUMBER").length <= 1,
      "at most one PHONE_NUMBER",
    )
    .refine((all) => turns(all.map(({ type }) => type === "QUICK_REPLY")) <= 1, "quick replies in one group"),
});

const component = z.preprocess(
  withUpperCaseType,
  z.discriminatedUnion("type", [header, body, footer, buttons]),
);

/** What an edit may change of a utility template. */
export const utilityEditSchema = z.looseObject({
  parameter_format: word("POSITIONAL", "NAMED").default("POSITIONAL"),
  components: z
    .array(component)
    .refine((parts) => parts.some(({ type }) => type === "BODY"), "needs a BODY")
    .refine((parts) => new Set(parts.map(({ type }) => type)).size === parts.length, "has one part twice"),
  message_send_ttl_seconds: timeToLive(43_200).default(DEFAULT_TTL_SECONDS.UTILITY),
});

/** `POST /{business account}/message_templates` for a template of category UTILITY. */
export const utilityCreateSchema = utilityEditSchema.extend({
  name: templateName,
  language: templateLanguage,
});

export type UtilityContent = z.infer<typeof utilityEditSchema>;
export type UtilityComponent = UtilityContent["components"][number];

/**
 * Builds a template as WhatsApp stores it.
 * @throws GraphError when a text is not as Meta wants it
 */
export function utilityTemplate(
  { id, name, language }: Pick<Template, "id" | "name" | "language">,
  { components, parameter_format, message_send_ttl_seconds }: UtilityContent,
  status: TemplateStatus,
): Template {
  checkUtilityTexts(components, parameter_format);
  return {
    id,
    name,
    language,
    status,
    category: "UTILITY",
    parameter_format,
    components,
    message_send_ttl_seconds,
    rejected_reason: "NONE",
    quality_score: { score: "UNKNOWN" },
  };
}

/** How often neighbours differ. */
function turns(flags: boolean[]): number {
  return flags.filter((flag, index) => index > 0 && flag !== flags[index - 1]).length;
}

/** Meta's pages write types in upper and in lower case. */
function withUpperCaseType(value: unknown): unknown {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
    ? { ...value, type: value.type.toUpperCase() }
    : value;
}
