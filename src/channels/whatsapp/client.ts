import * as z from "zod";
import { readJson } from "../../platform/json.ts";
import { log } from "../../platform/log.ts";
import { type Attempt, type ProviderAnswer, post, sendWithRetry } from "../provider-call.ts";
import { logError, maskDetails } from "./error-details.ts";
import { classify, OVER_THROUGHPUT, type WhatsAppError } from "./errors.ts";
import type { contactRequestPayload, Payload } from "./payload.ts";

export interface WhatsAppSettings {
  readonly baseUrl: string;
  readonly apiVersion: string;
  readonly accessToken: string;
}

const accepted = z.object({
  messages: z.tuple([z.object({ id: z.string() })], z.unknown()),
  contacts: z
    .tuple([z.object({ wa_id: z.string() })], z.unknown())
    .optional()
    .catch(undefined),
});
const shown = z.object({ display_phone_number: z.string() });

/** Short, because a person is waiting for the answer. */
const QUESTION_LIMIT_MS = 3_000;

const refused = z.object({
  error: z.object({
    code: z.number(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
    error_data: z.object({ details: z.string() }).optional().catch(undefined),
    fbtrace_id: z.string().optional().catch(undefined),
  }),
});

export type WhatsAppAttempt = Attempt<WhatsAppError>;

/** The Cloud API's send call. It has no idempotency key, so a call without an answer is never repeated. */
export class WhatsAppClient {
  readonly #settings: WhatsAppSettings;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(settings: WhatsAppSettings) {
    this.#settings = settings;
    this.#headers = {
      authorization: `Bearer ${settings.accessToken}`,
      "content-type": "application/json",
    };
  }

  /** The number of one of the team's senders as Meta shows it; null when Meta does not answer with one. */
  async displayNumber(phoneNumberId: string): Promise<string | null> {
    const answer = await this.ask(shown, `${phoneNumberId}?fields=display_phone_number`);
    return answer?.display_phone_number ?? null;
  }

  /** Reads something about the team's account or numbers; null when Meta does not answer with it. */
  async ask<Schema extends z.ZodType>(schema: Schema, path: string): Promise<z.output<Schema> | null> {
    const { baseUrl, apiVersion } = this.#settings;
    const subject = path.split("?", 1).join();
    try {
      const signal = AbortSignal.timeout(QUESTION_LIMIT_MS);
      const url = `${baseUrl}/${apiVersion}/${path}`;
      const response = await fetch(url, { headers: this.#headers, signal, redirect: "manual" });
      const body = schema.safeParse(readJson(await response.text()));
      if (body.success) return body.data;
      log("warn", "WhatsApp did not answer a question", { ids: [subject], status: response.status });
    } catch (error) {
      log("warn", "WhatsApp did not answer a question", { ids: [subject], error: String(error) });
    }
    return null;
  }

  /** Sends a message from one of the team's numbers. */
  send(
    phoneNumberId: string,
    payload: Payload | ReturnType<typeof contactRequestPayload>,
  ): Promise<WhatsAppAttempt> {
    const { baseUrl, apiVersion } = this.#settings;
    const url = `${baseUrl}/${apiVersion}/${phoneNumberId}/messages`;
    const body = JSON.stringify(payload);
    const request = { url, headers: this.#headers, body };
    return sendWithRetry((signal) => post("whatsapp", request, signal, (answer) => read(answer, payload)));
  }
}

/** Reads Meta's success or error body; null for anything else. */
function read({ status, body }: ProviderAnswer, payload: object): WhatsAppAttempt | null {
  const success = accepted.safeParse(body);
  if (success.success) {
    const { messages, contacts } = success.data;
    return { kind: "accepted", providerMessageId: messages[0].id, waId: contacts?.[0].wa_id ?? null };
  }
  const failure = refused.safeParse(body);
  if (!failure.success) return null;
  const { code, error_subcode: subcode, is_transient: isTransient = false, ...more } = failure.data.error;
  const details = more.error_data && maskDetails(more.error_data.details, textsIn(payload));
  // No fault, and as many lines as messages that have to wait.
  if (String(code) !== OVER_THROUGHPUT)
    logError("WhatsApp refused a message", { code, subcode, details, traceId: more.fbtrace_id });
  return {
    kind: "error",
    error: { ...classify(code, { httpStatus: status, isTransient, subcode }), details },
  };
}

/** The code or the texts of a message, which an error may quote. */
function textsIn(payload: {
  readonly template?: unknown;
  readonly text?: unknown;
  readonly interactive?: unknown;
}): readonly string[] {
  const texts: string[] = [];
  JSON.stringify([payload.template, payload.text, payload.interactive], (key, value: unknown) => {
    if ((key === "text" || key === "body" || key === "payload") && typeof value === "string")
      texts.push(value);
    return value;
  });
  return texts;
}
