import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { bodyOf } from "./body.ts";
import type { DueDelivery } from "./delivery.ts";
import type { WebhookEndpoint } from "./endpoint.ts";
import { type Attempt, post } from "./post.ts";
import { MOST_ATTEMPTS, nextAttemptAt } from "./retries.ts";
import type { Webhooks } from "./webhooks.ts";

const GONE = 410;

/** An attempt that settles the matter, well or badly, or leaves it open to the next. */
interface Ended extends Attempt {
  readonly isFinal: boolean;
}

/**
 * Attempts a delivery if it is its turn, and writes down what came of it. Answers when the delivery is due
 * next; null when it is over. An attempt whose result could not be written is made again: at least once.
 */
export async function attempt(id: string, webhooks: Webhooks): Promise<number | null> {
  const { deliveries } = webhooks;
  const delivery = await deliveries.take(id, Date.now());
  if (delivery === null) return deliveries.dueAt(id);
  const ended = await carryOut(delivery, webhooks);
  const now = Date.now();
  const dueAt = ended.delivered || ended.isFinal ? null : nextAttemptAt(delivery.attempts, now);
  await deliveries.record(delivery, ended, dueAt, now);
  return dueAt;
}

async function carryOut(delivery: DueDelivery, webhooks: Webhooks): Promise<Ended> {
  const { endpoints, keyring, allowLoopback } = webhooks;
  // Beyond the schedule are only attempts that ended in nothing: something about this one is fatal to us.
  if (delivery.attempts > MOST_ATTEMPTS) return unsent("Every attempt broke off. The log says why.");
  const target = await endpoints.target(delivery.endpointId, Date.now());
  if (target === null) return unsent("The endpoint was deleted.");
  if (target.endpoint.status === "disabled") return unsent("The endpoint is disabled.");
  const body = openedBody(delivery, keyring);
  if (body === null) return unsent("The event was sealed under a SECRET_KEY that is gone.");

  const made = await post({ id: delivery.eventId, body }, target, allowLoopback);
  await judge(target.endpoint, made, webhooks);
  return { ...made, isFinal: made.status === GONE };
}

function openedBody({ openEvent }: DueDelivery, keyring: Keyring): string | null {
  try {
    return bodyOf(openEvent(), keyring);
  } catch (error) {
    log("error", "An event cannot be opened for its delivery", { error: String(error) });
    return null;
  }
}

/** What the attempt says about the endpoint. */
async function judge(
  { id, failingSince }: WebhookEndpoint,
  made: Attempt,
  { health }: Webhooks,
): Promise<void> {
  if (made.delivered) {
    if (failingSince !== null) await health.succeeded(id);
  } else if (made.status === GONE) {
    await health.gone(id);
    log("warn", `The webhook endpoint ${id} is gone and was disabled`, { status: GONE });
  } else if (await health.failed(id, Date.now())) {
    log("error", `The webhook endpoint ${id} has failed for five days and was disabled`, {});
  }
}

function unsent(error: string): Ended {
  return { delivered: false, status: null, error, durationMs: 0, excerpt: "", isFinal: true };
}
