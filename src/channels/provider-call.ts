import type { ChannelName, SendResult } from "../messages/message.ts";
import { readJson } from "../platform/json.ts";
import { log } from "../platform/log.ts";
import { noAnswer, type ProviderError, refused } from "./failure.ts";

/** The outcome of one call to a provider. */
export type Attempt<E extends ProviderError = ProviderError> =
  | {
      readonly kind: "accepted";
      readonly providerMessageId: string;
      /** WhatsApp's id of the account that it found behind the number; null where the answer names none. */
      readonly waId?: string | null;
    }
  | { readonly kind: "error"; readonly error: E }
  /** No answer, or not one of the provider's formats: the message may have been sent. */
  | { readonly kind: "no_answer" };

/** Time limit of one send, its retry included. */
const TIME_LIMIT_MS = 10_000;

/** Pause before the retry; random, so that isolates do not retry in unison after an outage. */
const RETRY_PAUSE_MS = { from: 200, to: 400 };

/**
 * Sends within the time limit and retries once after an error of class `retry`. A call without an answer is
 * never repeated, because the user may have the message already.
 */
export async function sendWithRetry<E extends ProviderError>(
  attempt: (signal: AbortSignal) => Promise<Attempt<E>>,
): Promise<Attempt<E>> {
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  const first = await attempt(signal);
  if (first.kind !== "error" || first.error.class !== "retry") return first;
  await pause();
  return attempt(signal);
}

export interface ProviderRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProviderAnswer {
  readonly status: number;
  /** Null when the body is not JSON. */
  readonly body: unknown;
}

/**
 * Posts to a provider. `read` returns null when the answer has none of the provider's formats: it then comes
 * from an intermediary, and whether the message was sent is unknown.
 */
export async function post<E extends ProviderError>(
  provider: string,
  request: ProviderRequest,
  signal: AbortSignal,
  read: (answer: ProviderAnswer) => Attempt<E> | null,
): Promise<Attempt<E>> {
  const { url, headers, body } = request;
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
    const attempt = read({ status: response.status, body: readJson(await response.text()) });
    if (attempt !== null) return attempt;
    log("warn", "Provider answered in an unknown format", { provider, status: response.status });
  } catch (error) {
    log("warn", "Provider did not answer", { provider, error: String(error) });
  }
  return { kind: "no_answer" };
}

/** Converts an attempt to the result that use cases see. */
export function toResult(channel: ChannelName, attempt: Attempt): SendResult {
  switch (attempt.kind) {
    case "accepted":
      return { kind: "accepted", providerMessageId: attempt.providerMessageId };
    case "error":
      return refused(channel, attempt.error);
    case "no_answer":
      return noAnswer(channel);
  }
}

function pause(): Promise<void> {
  const { from, to } = RETRY_PAUSE_MS;
  return new Promise((resume) => setTimeout(resume, from + Math.random() * (to - from)));
}
