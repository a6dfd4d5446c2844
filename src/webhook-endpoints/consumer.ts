import { gathering } from "../platform/async.ts";
import { log } from "../platform/log.ts";
import { attempt } from "./attempt.ts";
import type { Finished } from "./deliveries.ts";
import {
  type DeliveryJob,
  type DeliveryQueues,
  type DueDelivery,
  delayAfterFault,
  delaySeconds,
  nextAttemptAt,
} from "./delivery.ts";
import type { Target } from "./endpoints.ts";
import { isSlow, PROMPT_MS } from "./health.ts";
import { postInPlaces } from "./places.ts";
import type { Webhooks } from "./webhooks.ts";

type QueueName = keyof DeliveryQueues;

/**
 * How long after the first post of a batch its last one may begin. With the 15 seconds that a post has, a batch of first
 * attempts ends within 20 seconds, and one of the slow queue, where a second round may begin, within 35.
 */
const STARTS_WITHIN_MS: Readonly<Record<QueueName, number>> = { first: PROMPT_MS, slow: 20_000 };

/**
 * Handles a batch of a queue of deliveries, six posts at a time.
 *
 * In the queue of first attempts a delivery is attempted once and without a lease, which would cost two rows: in the rare
 * case that the queue repeats a message while its post is under way, the event comes twice. Everything else goes on to
 * the slow queue, where it is leased: what failed, what a queue repeats, and what waits for a slow endpoint.
 */
export async function consumeDeliveries(
  batch: MessageBatch<DeliveryJob>,
  queue: QueueName,
  webhooks: Webhooks,
): Promise<void> {
  const messages = new Unsettled(batch.messages);
  try {
    const { due, later, targets } = await read(messages, queue, webhooks);
    await pass(later, webhooks.queues.slow, messages);
    const record = gathering((finished: readonly Finished[]) =>
      webhooks.deliveries.record(finished, Date.now()),
    );
    const post = (delivery: DueDelivery) =>
      perform(delivery, {
        queue,
        target: targets.get(delivery.endpointId) ?? null,
        record,
        messages,
        webhooks,
      });
    const { notBegun, unanswered, ended } = await postInPlaces(due, post, STARTS_WITHIN_MS[queue]);
    try {
      const waits = ({ endpointId }: DueDelivery) => queue === "slow" || unanswered.has(endpointId);
      await pass(notBegun.filter(waits), webhooks.queues.slow, messages);
      await pass(
        notBegun.filter((delivery) => !waits(delivery)),
        webhooks.queues.first,
        messages,
      );
    } finally {
      await ended;
    }
  } catch (error) {
    log("error", "Webhook deliveries failed on our side", { error: String(error) });
    messages.retryAll();
  }
}

interface Batch {
  readonly due: readonly DueDelivery[];
  readonly later: readonly DueDelivery[];
  readonly targets: ReadonlyMap<string, Target>;
}

/** Reads what the messages point to: what this queue attempts now, and what it passes on. The rest is over. */
async function read(
  messages: Unsettled,
  queue: QueueName,
  { deliveries, endpoints }: Webhooks,
): Promise<Batch> {
  const now = Date.now();
  const pending = await deliveries.pending(messages.ids());
  messages.ackAllBut(pending.map(({ id }) => id));
  const targets = await endpoints.targets([...new Set(pending.map(({ endpointId }) => endpointId))], now);
  const isFirst = ({ id, attempts, endpointId }: DueDelivery) => {
    const endpoint = targets.get(endpointId)?.endpoint;
    return attempts === 0 && messages.areNew(id) && (endpoint === undefined || !isSlow(endpoint));
  };
  const isDue = (delivery: DueDelivery) =>
    (delivery.nextAttemptAt ?? 0) <= now && (queue === "slow" || isFirst(delivery));
  return { due: pending.filter(isDue), later: pending.filter((delivery) => !isDue(delivery)), targets };
}

interface Work {
  readonly queue: QueueName;
  readonly target: Target | null;
  readonly record: (finished: Finished) => Promise<void>;
  readonly messages: Unsettled;
  readonly webhooks: Webhooks;
}

/**
 * Attempts a delivery and records the result. When recording fails the attempt is made again: delivery is at least once.
 *
 * @returns Whether the endpoint answered in good time.
 */
async function perform(
  read: DueDelivery,
  { queue, target, record, messages, webhooks }: Work,
): Promise<boolean> {
  try {
    const isFirst = queue === "first";
    const delivery = isFirst
      ? { ...read, attempts: read.attempts + 1 }
      : await webhooks.deliveries.take(read.id, Date.now());
    // Taken by another message since it was read.
    if (delivery === null) {
      messages.ack(read.id);
      return false;
    }
    const result = await attempt(delivery, target, webhooks);
    const dueAt = result.delivered || result.isFinal ? null : nextAttemptAt(delivery.attempts, Date.now());
    await record({ delivery, attempt: result, nextAttemptAt: dueAt });
    if (dueAt === null) messages.ack(read.id);
    else await pass([{ ...delivery, nextAttemptAt: dueAt }], webhooks.queues.slow, messages);
    return result.durationMs < PROMPT_MS;
  } catch (error) {
    log("error", "Webhook delivery failed on our side", { error: String(error) });
    messages.retry(read.id);
    return false;
  }
}

/** Replaces messages by new ones, which arrive when their deliveries are due. D1 has the schedule. */
async function pass(
  deliveries: readonly DueDelivery[],
  queue: Queue<DeliveryJob>,
  messages: Unsettled,
): Promise<void> {
  if (deliveries.length === 0) return;
  const now = Date.now();
  await queue.sendBatch(
    deliveries.map(({ id, nextAttemptAt: dueAt }) => ({
      body: { id },
      delaySeconds: delaySeconds(dueAt ?? now, now),
    })),
  );
  for (const { id } of deliveries) messages.ack(id);
}

/** The messages of a batch that have been neither acknowledged nor retried, by delivery: a queue may repeat one. */
class Unsettled {
  readonly #messages: Map<string, readonly Message<DeliveryJob>[]>;

  constructor(messages: readonly Message<DeliveryJob>[]) {
    this.#messages = Map.groupBy(messages, ({ body }) => body.id);
  }

  ids(): string[] {
    return [...this.#messages.keys()];
  }

  /** Whether the queue delivers a delivery's messages for the first time. */
  areNew(id: string): boolean {
    return this.#messages.get(id)?.every(({ attempts }) => attempts === 1) ?? false;
  }

  ack(id: string): void {
    for (const message of this.#messages.get(id) ?? []) message.ack();
    this.#messages.delete(id);
  }

  ackAllBut(ids: readonly string[]): void {
    const kept = new Set(ids);
    for (const id of this.ids()) if (!kept.has(id)) this.ack(id);
  }

  retry(id: string): void {
    for (const message of this.#messages.get(id) ?? []) {
      message.retry({ delaySeconds: delayAfterFault(message.attempts) });
    }
    this.#messages.delete(id);
  }

  retryAll(): void {
    for (const id of this.ids()) this.retry(id);
  }
}
