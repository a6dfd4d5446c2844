import type { ChannelName, SendResult } from "../messages/message.ts";
import { readJson } from "../platform/json.ts";
import { log } from "../platform/log.ts";
import { noAnswer, type ProviderError, refused } from "./failure.ts";

/** What became of one call to a provider. */
export type Attempt<E extends ProviderError = ProviderError> =
  | { readonly kind: "accepted"; readonly providerMessageId: string }
  | { readonly kind: "error"; readonly error: E }
  /** No answer, or none of the provider's: the message may be on its way. */
  | { readonly kind: "silent" };

/** How long one send may take in all, its retry included. */
const TIME_LIMIT_MS = 10_000;

/** The pause before the one quick retry; random, so that a provider's stumble is not met by a chorus. */
const RETRY_PAUSE_MS = { from: 200, to: 400 };

/**
 * Sends within the time limit, and once more after an error of class `retry`. A call without an answer is
 * never repeated: the user may have the message already.
 */
export async function sendWithinLimit<E extends ProviderError>(
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
  /** Null where it was no JSON. */
  readonly body: unknown;
}

/**
 * Posts to a provider. `read` answers null where the answer has none of the provider's shapes: such an
 * answer comes from something in between, and nobody knows what it did.
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
    log("warn", "A provider answered in no shape of its own", { provider, status: response.status });
  } catch (error) {
    log("warn", "A provider did not answer", { provider, error: String(error) });
  }
  return { kind: "silent" };
}

/** What an attempt means to whoever asked for the send. */
export function toResult(channel: ChannelName, attempt: Attempt): SendResult {
  switch (attempt.kind) {
    case "accepted":
      return attempt;
    case "error":
      return refused(channel, attempt.error);
    case "silent":
      return noAnswer(channel);
  }
}

function pause(): Promise<void> {
  const { from, to } = RETRY_PAUSE_MS;
  return new Promise((resume) => setTimeout(resume, from + Math.random() * (to - from)));
}
