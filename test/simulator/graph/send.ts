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
      return { ...recipient(request, content.category), content, ...common };
    }
    case "text": {
      const { body } = required(request.text, "text");
      const address = recipient(request, "service");
      // Seen in answers and in `failed` webhooks alike; a control call sends the latter.
      if (!context.hasOpenWindow(address.to)) {
        throw new GraphError(131047, {
          details: "More than 24 hours have passed since the recipient last replied",
        });
      }
      return { ...address, content: textContent(body), ...common };
    }
    default:
      throw new GraphError(131051, {
        details: "The simulator takes messages of type template and text only",
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

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined)
    throw new GraphError(100, { message: `(#100) The parameter ${name} is required.` });
  return value;
}

function recipient({ to, recipient }: SendRequest, category: Content["category"]) {
  if (to === undefined || to === "") {
    if (recipient === undefined) {
      throw new GraphError(100, { message: "(#100) The parameter to is required." });
    }
    // A business-scoped user id reaches every template except authentication ones.
    throw category === "authentication"
      ? new GraphError(131062, { details: "Authentication templates need a phone number" })
      : new GraphError(131009, { details: "The simulator's users have no business-scoped ids to write to" });
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
