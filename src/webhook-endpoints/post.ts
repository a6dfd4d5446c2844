import { signWebhook } from "../platform/standard-webhooks.ts";
import { checkAddress } from "./address.ts";
import type { Target } from "./endpoints.ts";

/** Standard Webhooks gives a receiver 15 to 30 seconds. */
const TIME_LIMIT_MS = 15_000;

/** Characters that are read of an answer which somebody wants to see. */
const EXCERPT_LENGTH = 1024;

const USER_AGENT = "Sandi-Webhooks/1";

/** What became of one attempt. */
export interface Attempt {
  readonly delivered: boolean;
  /** The answer's HTTP status; null when there was none. */
  readonly status: number | null;
  /** What went wrong, for the delivery log. Never anything that the receiver wrote: it may quote the event. */
  readonly error: string | null;
  readonly durationMs: number;
  /** The beginning of the answer, if that was asked for. */
  readonly excerpt: string;
}

export interface SignedEvent {
  readonly id: string;
  readonly body: string;
}

/**
 * Posts an event to an endpoint, once. Only a 2xx is a success: a redirect might lead anywhere, with the
 * event in its hands, and is not followed.
 *
 * @param wantsExcerpt Whether to wait for the answer's beginning too; the status alone decides.
 */
export async function post(
  { id, body }: SignedEvent,
  { endpoint, secrets }: Target,
  allowLoopback: boolean,
  wantsExcerpt = false,
): Promise<Attempt> {
  const startedAt = Date.now();
  const ended = (status: number | null, error: string | null, excerpt = ""): Attempt => ({
    delivered: error === null,
    status,
    error,
    excerpt,
    durationMs: Date.now() - startedAt,
  });
  // The rules may have become stricter since the address was registered.
  const address = checkAddress(endpoint.url, allowLoopback);
  if (address.kind === "refused") return ended(null, address.because);
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
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    const excerpt = wantsExcerpt ? await beginningOf(response) : "";
    // Whatever has not been read would keep the connection.
    await response.body?.cancel().catch(() => {});
    return ended(response.status, faultOf(response.status), excerpt);
  } catch (error) {
    const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
    return ended(null, isTimeout ? `No answer within ${TIME_LIMIT_MS / 1000} s.` : "The connection failed.");
  }
}

function faultOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return "The endpoint redirects. Register the address it redirects to.";
  return `The endpoint answered ${status}.`;
}

/** What has come of an answer before it ended, broke off or was long enough. */
async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= EXCERPT_LENGTH) break;
    }
  } catch {
    // The status has been read, and that alone decides.
  }
  return text.slice(0, EXCERPT_LENGTH);
}
