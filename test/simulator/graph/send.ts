import * as z from "zod";
import { BUSINESS } from "../business.ts";
import type { WhatsAppMessage } from "../messages.ts";
import type { RenderedMessage } from "../templates/render.ts";
import type { Template } from "../templates/template.ts";
import { GraphError } from "./errors.ts";
import { templateContent, templateSchema } from "./template-send.ts";

/** The send call's body, as far as Graph checks it before it looks at the template. */
export const sendSchema = z.looseObject({
  messaging_product: z.literal("whatsapp"),
  recipient_type: z.literal("individual").optional(),
  to: z.string().optional(),
  recipient: z.string().optional(),
  type: z.string().default("text"),
  template: templateSchema.optional(),
  // The limit is Meta's for text messages, as its reference of the messages call has it.
  text: z.looseObject({ body: z.string().min(1).max(4_096), preview_url: z.boolean().optional() }).optional(),
  interactive: z
    .discriminatedUnion("type", [
      z.looseObject({
        type: z.literal("button"),
        body: z.looseObject({ text: z.string().min(1).max(1_024) }),
        action: z.looseObject({
          buttons: z
            .array(
              z.looseObject({
                type: z.literal("reply"),
                reply: z.looseObject({ id: z.string().min(1).max(256), title: z.string().min(1).max(20) }),
              }),
            )
            .min(1)
            .max(3),
        }),
      }),
      z.looseObject({
        type: z.literal("request_contact_info"),
        body: z.looseObject({ text: z.string().min(1).max(1_024) }),
        action: z.looseObject({ name: z.literal("request_contact_info") }),
      }),
    ])
    .optional(),
  context: z.looseObject({ message_id: z.string().min(1) }).optional(),
  biz_opaque_callback_data: z.string().max(512).optional(),
});

export type SendRequest = z.infer<typeof sendSchema>;

/** The message that a send delivers. */
export type Content = RenderedMessage &
  Pick<WhatsAppMessage, "category" | "template" | "language" | "code" | "text">;

/** A send that Graph accepts. */
export interface AcceptedSend {
  /** As the caller wrote it. */
  input: string;
  /** The number that WhatsApp reads, E.164 with the plus sign. */
  to: string;
  content: Content;
  contextId: string | null;
  callbackData: string | null;
}

/** The state that decides about a send besides its body. */
export interface SendContext {
  /** The template of that name in that language, in any status. */
  findTemplate(name: string, language: string): Template | undefined;
  /** The number of a user who has written, by their business-scoped id. */
  userNumber(userId: string): string | undefined;
  /** Whether the user of a number, E.164 with the plus sign, wrote within the last 24 hours. */
  hasOpenWindow(number: string): boolean;
}

/**
 * Checks a send as Meta does.
 * @throws GraphError with the code Meta answers
 */
export function acceptSend(request: SendRequest, context: SendContext): AcceptedSend {
  const common = {
    contextId: request.context?.message_id ?? null,
    callbackData: request.biz_opaque_callback_data ?? null,
  };
  switch (request.type) {
    case "template": {
      const content = templateContent(required(request.template, "template"), context.findTemplate);
      return { ...recipient(request, content.category, context), content, ...common };
    }
    case "text": {
      const { body } = required(request.text, "text");
      return { ...recipientInWindow(request, context), content: textContent(body), ...common };
    }
    case "interactive": {
      const content = interactiveContent(required(request.interactive, "interactive"));
      return { ...recipientInWindow(request, context), content, ...common };
    }
    default:
      throw new GraphError(131051, {
        details: "The simulator takes messages of type template, text and interactive only",
      });
  }
}

function textContent(body: string): Content {
  return {
    category: "service",
    template: null,
    language: null,
    code: null,
    text: body,
    header: null,
    body,
    footer: null,
    buttons: [],
  };
}

/** The text, with its buttons; WhatsApp words the one that asks for a number itself. */
function interactiveContent(interactive: NonNullable<SendRequest["interactive"]>): Content {
  const content = textContent(interactive.body.text);
  if (interactive.type === "request_contact_info") {
    return { ...content, buttons: [{ type: "share_number", text: "Share phone number" }] };
  }
  const { buttons } = interactive.action;
  return {
    ...content,
    buttons: buttons.map(({ reply }) => ({ type: "quick_reply", text: reply.title, payload: reply.id })),
  };
}

/** The recipient of a free-form message, who has to have written lately. */
function recipientInWindow(request: SendRequest, context: SendContext) {
  const address = recipient(request, "service", context);
  // Seen in answers and in `failed` webhooks alike; a control call sends the latter.
  if (!context.hasOpenWindow(address.to)) {
    throw new GraphError(131047, {
      details: "More than 24 hours have passed since the recipient last replied",
    });
  }
  return address;
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined)
    throw new GraphError(100, { message: `(#100) The parameter ${name} is required.` });
  return value;
}

function recipient(
  { to, recipient }: SendRequest,
  category: Content["category"],
  { userNumber }: Pick<SendContext, "userNumber">,
) {
  if (to === undefined || to === "") {
    if (recipient === undefined) {
      throw new GraphError(100, { message: "(#100) The parameter to is required." });
    }
    // A business-scoped user id reaches every template except authentication ones.
    if (category === "authentication") {
      throw new GraphError(131062, { details: "Authentication templates need a phone number" });
    }
    const number = userNumber(recipient);
    if (number === undefined) {
      throw new GraphError(131009, { details: "No user of the simulator has written under this id" });
    }
    return { input: recipient, to: number };
  }
  const number = readNumber(to);
  if (!/^\+[1-9]\d{6,14}$/.test(number)) {
    throw new GraphError(131009, { details: "Parameter to is not a phone number" });
  }
  if (number === `+${BUSINESS.number}`) {
    throw new GraphError(131021, { details: "The recipient's number is the sender's" });
  }
  return { input: to, to: number };
}

/**
 * Without a plus sign WhatsApp may read a number as one of the business's own country (Cloud API, "Business phone
 * numbers"). The simulator always does, so that a caller who leaves the plus out is noticed.
 */
function readNumber(to: string): string {
  const digits = to.replaceAll(/[\s().-]/g, "");
  return digits.startsWith("+") ? digits : `+${BUSINESS.countryCode}${digits}`;
}
