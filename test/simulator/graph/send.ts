import * as z from "zod";
import { BUSINESS } from "../business.ts";
import type { Template } from "../templates.ts";
import { GraphError } from "./errors.ts";

const parameter = z.looseObject({ type: z.string(), text: z.string().optional() });

const component = z.looseObject({
  type: z.string().toLowerCase(),
  sub_type: z.string().toLowerCase().optional(),
  // A string in Meta's pages; a number in the wild, which Meta takes as well.
  index: z.union([z.string(), z.int()]).transform(String).optional(),
  parameters: z.array(parameter).default([]),
});

/** The send call's body, as far as Graph checks it before it looks at the template. */
export const sendSchema = z.looseObject({
  messaging_product: z.literal("whatsapp"),
  recipient_type: z.literal("individual").optional(),
  to: z.string().optional(),
  recipient: z.string().optional(),
  type: z.string().default("text"),
  template: z
    .looseObject({
      name: z.string().min(1),
      language: z.looseObject({ code: z.string().min(1) }),
      components: z.array(component).default([]),
    })
    .optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
});

export type SendRequest = z.infer<typeof sendSchema>;
type Component = z.infer<typeof component>;

/** A send that Graph accepts. */
export interface AcceptedSend {
  /** As the caller wrote it. */
  input: string;
  /** Digits only. */
  waId: string;
  template: Template;
  code: string;
  callbackData: string | null;
}

/** Limit of a one-time code. Source: Meta's page on authentication templates. */
const MAX_CODE_LENGTH = 15;

/**
 * Checks a send as Meta does.
 * @param findTemplate the template of that name in that language, whatever its status
 * @throws GraphError with the code Meta answers
 */
export function acceptSend(
  request: SendRequest,
  findTemplate: (name: string, language: string) => Template | undefined,
): AcceptedSend {
  if (request.type !== "template") {
    throw new GraphError(131051, { details: "The simulator takes messages of type template only" });
  }
  if (!request.template) throw new GraphError(100, { message: "(#100) The parameter template is required." });
  const { input, waId } = recipient(request);
  const { name, language, components } = request.template;
  const template = sendableTemplate(name, language.code, findTemplate(name, language.code));
  const code = bodyCode(components);
  checkButtonCode(components);
  return { input, waId, template, code, callbackData: request.biz_opaque_callback_data ?? null };
}

function recipient({ to, recipient }: SendRequest): { input: string; waId: string } {
  if (to === undefined || to === "") {
    // A business-scoped user id reaches every template except authentication ones.
    if (recipient) throw new GraphError(131062, { details: "Authentication templates need a phone number" });
    throw new GraphError(100, { message: "(#100) The parameter to is required." });
  }
  const waId = to.replaceAll(/[\s().+-]/g, "");
  if (!/^[1-9]\d{6,14}$/.test(waId)) {
    throw new GraphError(131009, { details: "Parameter to is not a phone number" });
  }
  if (waId === BUSINESS.number) {
    throw new GraphError(131021, { details: "The recipient's number is the sender's" });
  }
  return { input: to, waId };
}

function sendableTemplate(name: string, language: string, template: Template | undefined): Template {
  if (template?.status === "PAUSED") {
    throw new GraphError(132015, { details: `template ${name} in ${language} is paused` });
  }
  if (template?.status === "DISABLED") {
    throw new GraphError(132016, { details: `template ${name} in ${language} is disabled` });
  }
  // Not approved yet reads the same as not there.
  if (template?.status !== "APPROVED") {
    throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
  }
  return template;
}

function bodyCode(components: Component[]): string {
  const parameters = components.filter(({ type }) => type === "body").flatMap((body) => body.parameters);
  const [first] = parameters;
  if (parameters.length !== 1 || !first) {
    throw new GraphError(132000, {
      details: `body: number of params (${parameters.length}) does not match the expected number of params (1)`,
    });
  }
  return codeText(first, "body");
}

function checkButtonCode(components: Component[]): void {
  const buttons = components.filter(({ type }) => type === "button");
  const button = buttons.find(({ index }) => index === "0");
  const [first] = button?.parameters ?? [];
  if (!button || !first) {
    throw new GraphError(131008, { details: "buttons: button at index 0 of type Url requires a parameter" });
  }
  if (buttons.length > 1 || button.parameters.length > 1) {
    throw new GraphError(132000, {
      details: "buttons: more parameters than the template's one button takes",
    });
  }
  if (button.sub_type !== "url") {
    throw new GraphError(132012, { details: "buttons: button at index 0 is of type Url" });
  }
  // Meta does not say that the button's code must equal the body's, so neither do we.
  codeText(first, "buttons");
}

function codeText({ type, text }: z.infer<typeof parameter>, where: string): string {
  if (type !== "text") {
    throw new GraphError(132012, { details: `${where}: parameter is of type ${type}, expected text` });
  }
  if (text === undefined || text === "") {
    throw new GraphError(131008, { details: `${where}: parameter of type text has no text` });
  }
  if (/[\n\r\t]| {5}/.test(text)) {
    throw new GraphError(132018, { details: `${where}: new lines, tabs and runs of spaces are not allowed` });
  }
  if ([...text].length > MAX_CODE_LENGTH) {
    // The limit is documented, the code is not: 131009 is the nearest documented meaning.
    throw new GraphError(131009, { details: `${where}: a code has at most ${MAX_CODE_LENGTH} characters` });
  }
  return text;
}
