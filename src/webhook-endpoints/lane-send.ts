import type { Event } from "../events/event.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { batchOf } from "./batch.ts";
import { bodyOf } from "./body.ts";
import type { Target } from "./endpoints.ts";
import { GONE } from "./health.ts";
import { post, type Result, type SignedEvent, UNREADABLE, unsent } from "./post.ts";

/** The result of an attempt, or why there was none. */
export interface LaneResult extends Result {
  /** Whether a request was made, so that the result says something about the endpoint. */
  readonly wasPosted: boolean;
}

/** The request of one event; null when its `SECRET_KEY` is no longer configured. */
export function requestOf(event: Event, keyring: Keyring): SignedEvent | null {
  try {
    return { id: event.id, body: bodyOf(event, keyring) };
  } catch (error) {
    log("error", "The event of a webhook delivery cannot be decrypted", { error: String(error) });
    return null;
  }
}

/** Posts events as one batch; an endpoint that no longer takes batches gets one event by its own request. */
export async function sendTogether(
  requests: readonly SignedEvent[],
  target: Target,
  allowLoopback: boolean,
): Promise<LaneResult> {
  const { batch, status } = target.endpoint;
  if (status === "disabled") return notPosted("The endpoint is disabled.");
  const [first] = requests;
  if (first === undefined) return notPosted(UNREADABLE);
  const isSingle = batch === null && requests.length === 1;
  const attempt = await post(isSingle ? first : batchOf(requests), target, allowLoopback);
  return { ...attempt, isFinal: attempt.status === GONE, wasPosted: true };
}

/** A result without a request, after which there is no other attempt. */
export function notPosted(error: string): LaneResult {
  return Object.assign(unsent(error), { wasPosted: false });
}
