import * as z from "zod";
import { log } from "../../log.ts";
import type { SendResult } from "../../verification/decisions/delivery.ts";
import type { Channel, CodeMessage } from "../channel.ts";
import { ACTIONS, classify, type ErrorClass, type WhatsAppError } from "./errors.ts";
import { codePayload } from "./payload.ts";

export interface WhatsAppSettings {
  readonly baseUrl: string;
  readonly apiVersion: string;
  readonly phoneNumberId: string;
  readonly accessToken: string;
}

/** How long one send may take in all, its retry included. */
const TIME_LIMIT_MS = 10_000;

/** The pause before the one quick retry; random, so that a stumble of WhatsApp's is not met by a chorus. */
const RETRY_PAUSE_MS = { from: 200, to: 400 };

const accepted = z.object({ messages: z.tuple([z.object({ id: z.string() })], z.unknown()) });
const refused = z.object({
  error: z.object({
    code: z.number(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
  }),
});

/** Classes of errors that the same request may outlive. */
const TEMPORARY: ReadonlySet<ErrorClass> = new Set(["retry", "backoff"]);

/** The Cloud API's send call. It has no idempotency key, so a call without an answer is never repeated. */
export function whatsAppChannel(settings: WhatsAppSettings): Channel {
  const url = `${settings.baseUrl}/${settings.apiVersion}/${settings.phoneNumberId}/messages`;
  const headers = { authorization: `Bearer ${settings.accessToken}`, "content-type": "application/json" };

  async function call(body: string, signal: AbortSignal): Promise<Attempt> {
    try {
      const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
      return read(response.status, await response.text());
    } catch (error) {
      log("warn", "WhatsApp did not answer", { provider: "whatsapp", error: String(error) });
      return { kind: "silent" };
    }
  }

  return {
    name: "whatsapp",
    async send(message: CodeMessage): Promise<SendResult> {
      const { template, language } = message;
      if (template === null || language === null) throw new Error("A WhatsApp message needs a template");
      const body = JSON.stringify(codePayload({ ...message, template, language }));
      const signal = AbortSignal.timeout(TIME_LIMIT_MS);
      const first = await call(body, signal);
      if (first.kind !== "error" || first.error.class !== "retry") return toResult(first);
      await pause();
      return toResult(await call(body, signal));
    },
  };
}

type Attempt =
  | { readonly kind: "accepted"; readonly providerMessageId: string }
  | { readonly kind: "error"; readonly error: WhatsAppError }
  | { readonly kind: "silent" };

/** An answer in neither of Meta's two shapes comes from something in between, and nobody knows what it did. */
function read(status: number, text: string): Attempt {
  const body = parseJson(text);
  const success = accepted.safeParse(body);
  if (success.success) return { kind: "accepted", providerMessageId: success.data.messages[0].id };
  const failure = refused.safeParse(body);
  if (failure.success) {
    const { code, error_subcode: subcode, is_transient: isTransient = false } = failure.data.error;
    const hint = { httpStatus: status, isTransient, ...(subcode !== undefined && { subcode }) };
    return { kind: "error", error: classify(code, hint) };
  }
  log("warn", "WhatsApp answered in no shape of Meta's", { provider: "whatsapp", status });
  return { kind: "silent" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toResult(attempt: Attempt): SendResult {
  switch (attempt.kind) {
    case "accepted":
      return attempt;
    case "error": {
      const { code, title } = attempt.error;
      const temporary = TEMPORARY.has(attempt.error.class);
      return {
        kind: "refused",
        failure: { channel: "whatsapp", code, title, temporary, action: ACTIONS[attempt.error.class] },
      };
    }
    case "silent":
      return {
        kind: "unknown",
        failure: {
          channel: "whatsapp",
          code: "no_answer",
          title: "WhatsApp did not answer",
          temporary: true,
          action: ACTIONS.retry,
        },
      };
  }
}

function pause(): Promise<void> {
  const { from, to } = RETRY_PAUSE_MS;
  return new Promise((resume) => setTimeout(resume, from + Math.random() * (to - from)));
}
