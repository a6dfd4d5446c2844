import { settlesWithin } from "../platform/async.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { bodyOf } from "./body.ts";
import { type DueDelivery, MAX_ATTEMPTS } from "./delivery.ts";
import type { Target } from "./endpoints.ts";
import { GONE, PROMPT_MS } from "./health.ts";
import { post, type Result, UNREADABLE, unsent } from "./post.ts";
import type { Webhooks } from "./webhooks.ts";

/**
 * Posts the event of a delivery, and records what that says of its endpoint.
 *
 * @param target The endpoint; null when it was deleted.
 */
export async function attempt(
  delivery: DueDelivery,
  target: Target | null,
  { health, keyring, allowLoopback }: Webhooks,
): Promise<Result> {
  // Attempts beyond the schedule occur only when earlier ones ended without a result, as after a crash.
  if (delivery.attempts > MAX_ATTEMPTS) return unsent("Every attempt was interrupted; see the log.");
  if (target === null) return unsent("The endpoint was deleted.");
  const { endpoint } = target;
  if (endpoint.status === "disabled") return unsent("The endpoint is disabled.");
  const body = openBody(delivery, keyring);
  if (body === null) return unsent(UNREADABLE);

  const posting = post({ id: delivery.eventId, body }, target, allowLoopback);
  // A slow one is recorded while it is under way, so that others stop waiting for this endpoint.
  if (await settlesWithin(posting, PROMPT_MS)) await health.recordPrompt(endpoint);
  else await health.recordSlow(endpoint.id);
  const result = await posting;
  await health.record(endpoint, result);
  return { ...result, isFinal: result.status === GONE };
}

function openBody({ openEvent }: DueDelivery, keyring: Keyring): string | null {
  try {
    return bodyOf(openEvent(), keyring);
  } catch (error) {
    log("error", "The event of a webhook delivery cannot be decrypted", { error: String(error) });
    return null;
  }
}
