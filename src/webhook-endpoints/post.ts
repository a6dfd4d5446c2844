import { signWebhook } from "../platform/standard-webhooks.ts";
import { checkAddress } from "./address.ts";
import type { Target } from "./endpoints.ts";

/** Standard Webhooks recommends 15 to 30 seconds. */
export const TIME_LIMIT_MS = 15_000;

/** Characters of the answer that a test event shows. */
const EXCERPT_LENGTH = 1024;

const USER_AGENT = "Sandi-Webhooks/1";

/** The result of one attempt. */
export interface Attempt {
  readonly delivered: boolean;
  /** The answer's HTTP status; null when there was none. */
  readonly status: number | null;
  /** The failure, for the list of deliveries; null on success. Never the receiver's text, which may quote the event. */
  readonly error: string | null;
  readonly durationMs: number;
  /** The beginning of the answer's body, or an empty string. */
  readonly excerpt: string;
}

/** The result of an attempt; after a final one there is no other, whether it succeeded or not. */
export interface Result extends Attempt {
  readonly isFinal: boolean;
}

/** Why an event that was sealed under a former key is given up. */
export const UNREADABLE = "The event is encrypted with a SECRET_KEY that is no longer configured.";

/** A result without a request, after which there is no other attempt. */
export function unsent(error: string): Result {
  return { delivered: false, status: null, error, durationMs: 0, excerpt: "", isFinal: true };
}

export interface SignedEvent {
  readonly id: string;
  readonly body: string;
}

/**
 * Posts an event to an endpoint once, signed by Standard Webhooks. Only a 2xx is a success. A redirect is not
 * followed, because it could send the event to any host.
 *
 * @param wantsExcerpt Reads the beginning of the answer's body; success depends on the status alone.
 */
export async function post(
  { id, body }: SignedEvent,
  { endpoint, secrets }: Target,
  allowLoopback: boolean,
  wantsExcerpt = false,
): Promise<Attempt> {
  const startedAt = Date.now();
  const toAttempt = (status: number | null, error: string | null, excerpt = ""): Attempt => ({
    delivered: error === null,
    status,
    error,
    excerpt,
    durationMs: Date.now() - startedAt,
  });
  // The rules may be stricter than when the address was registered.
  const address = checkAddress(endpoint.url, allowLoopback);
  if (address.kind === "refused") return toAttempt(null, address.because);
  const deadline = new AbortController();
  // Not AbortSignal.timeout: its timer would keep an object in memory, at a price, after the answer.
  const timer = setTimeout(() => deadline.abort(new DOMException("", "TimeoutError")), TIME_LIMIT_MS);
  try {
    const response = await fetch(address.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        ...signWebhook(id, startedAt, body, secrets),
      },
      body,
      redirect: "manual",
      signal: deadline.signal,
    });
    const excerpt = wantsExcerpt ? await readExcerpt(response) : "";
    // An unread body keeps the connection open.
    await response.body?.cancel().catch(() => {});
    return toAttempt(response.status, errorOf(response.status), excerpt);
  } catch (error) {
    const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
    return toAttempt(
      null,
      isTimeout ? `No answer within ${TIME_LIMIT_MS / 1000} s.` : "The connection failed.",
    );
  } finally {
    clearTimeout(timer);
  }
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return "The endpoint redirects. Register the address it redirects to.";
  return `The endpoint answered ${status}.`;
}

/** Reads up to {@link EXCERPT_LENGTH} characters; fewer when the connection fails. */
async function readExcerpt({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= EXCERPT_LENGTH) break;
    }
  } catch {
    // The status was received, and success depends on it alone.
  }
  return text.slice(0, EXCERPT_LENGTH);
}
