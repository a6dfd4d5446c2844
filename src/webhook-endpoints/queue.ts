import { appOf, type Event } from "../events/event.ts";
import { sendAll } from "../platform/chunks.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { MINUTE_MS } from "../platform/time.ts";
import { bodyOf } from "./body.ts";
import {
  type DeliveryJob,
  type DueDelivery,
  delayAfterFault,
  delaySeconds,
  MAX_ATTEMPTS,
  nextAttemptAt,
} from "./delivery.ts";
import { GONE } from "./health.ts";
import { type Attempt, post } from "./post.ts";
import type { Webhooks } from "./webhooks.ts";

/** Messages this late are lost: a queue loses none that it accepted, but a Worker may crash before it sends one. */
const OVERDUE_MS = 10 * MINUTE_MS;

/** How many overdue deliveries one scheduled run enqueues; the next run takes the rest. */
const MAX_OVERDUE_PER_RUN = 1_000;

/** The result of an attempt; after a final one there is no other, whether it succeeded or not. */
interface Result extends Attempt {
  readonly isFinal: boolean;
}

/**
 * Stores a delivery for each event and each enabled endpoint of its app that subscribes to its type, then enqueues a message
 * that points to it. Nothing is sent yet, so that a slow endpoint does not hold up the events behind it. Throws when
 * D1 or the queue fails; a repeat adds nothing twice.
 */
export async function deliverEvents(events: readonly Event[], webhooks: Webhooks): Promise<void> {
  const enabled = (await webhooks.endpoints.list(null)).filter(({ status }) => status === "enabled");
  const pairs = events.flatMap((event) =>
    enabled
      .filter(({ app, eventTypes }) => app === appOf(event) && (eventTypes?.includes(event.type) ?? true))
      .map(({ id }) => ({ event, endpointId: id })),
  );
  await enqueue(await webhooks.deliveries.add(pairs, Date.now()), webhooks.queue);
}

/** Enqueues a message for each delivery, to be attempted at once. */
export function enqueue(ids: readonly string[], queue: Queue<DeliveryJob>): Promise<void> {
  return sendAll(
    queue,
    ids.map((id) => ({ id })),
  );
}

/** Enqueues overdue deliveries again. For every run of the scheduled handler. */
export async function enqueueOverdue({ deliveries, queue }: Webhooks): Promise<void> {
  const now = Date.now();
  await enqueue(await deliveries.takeOverdue(now - OVERDUE_MS, now, MAX_OVERDUE_PER_RUN), queue);
}

/**
 * Handles a batch of the queue of deliveries, all messages concurrently, so that a slow endpoint delays only its
 * own. The batch size in wrangler.toml has to stay below six: a Worker invocation waits for six connections at most.
 */
export async function consumeDeliveries(batch: MessageBatch<DeliveryJob>, webhooks: Webhooks): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await handleJob(message.body, webhooks);
        message.ack();
      } catch (error) {
        log("error", "Webhook delivery failed on our side", { error: String(error) });
        message.retry({ delaySeconds: delayAfterFault(message.attempts) });
      }
    }),
  );
}

/** D1 has the schedule. A message that arrives too early is sent again with the remaining delay. */
async function handleJob(job: DeliveryJob, webhooks: Webhooks): Promise<void> {
  const dueAt = await attempt(job.id, webhooks);
  if (dueAt === null) return;
  await webhooks.queue.send(job, { delaySeconds: delaySeconds(dueAt, Date.now()) });
}

/**
 * Attempts a delivery if it is due, and records the result. When recording fails the attempt is made again:
 * delivery is at least once.
 *
 * @returns When the delivery is due next, in milliseconds since the epoch; null when it is over.
 */
export async function attempt(id: string, webhooks: Webhooks): Promise<number | null> {
  const { deliveries } = webhooks;
  const delivery = await deliveries.take(id, Date.now());
  if (delivery === null) return deliveries.dueAt(id);
  const result = await send(delivery, webhooks);
  const now = Date.now();
  const dueAt = result.delivered || result.isFinal ? null : nextAttemptAt(delivery.attempts, now);
  await deliveries.record(delivery, result, dueAt, now);
  return dueAt;
}

async function send(delivery: DueDelivery, webhooks: Webhooks): Promise<Result> {
  const { endpoints, health, keyring, allowLoopback } = webhooks;
  // Attempts beyond the schedule occur only when earlier ones ended without a result, as after a crash.
  if (delivery.attempts > MAX_ATTEMPTS) return unsent("Every attempt was interrupted; see the log.");
  const target = await endpoints.target(delivery.endpointId, null, Date.now());
  if (target === null) return unsent("The endpoint was deleted.");
  if (target.endpoint.status === "disabled") return unsent("The endpoint is disabled.");
  const body = await openBody(delivery, keyring);
  if (body === null) return unsent("The event is encrypted with a SECRET_KEY that is no longer configured.");

  const result = await post({ id: delivery.eventId, body }, target, allowLoopback);
  await health.record(target.endpoint, result);
  return { ...result, isFinal: result.status === GONE };
}

async function openBody({ openEvent }: DueDelivery, keyring: Keyring): Promise<string | null> {
  try {
    return bodyOf(await openEvent(), keyring);
  } catch (error) {
    log("error", "The event of a webhook delivery cannot be decrypted", { error: String(error) });
    return null;
  }
}

function unsent(error: string): Result {
  return { delivered: false, status: null, error, durationMs: 0, excerpt: "", isFinal: true };
}
