import { waitUntil } from "cloudflare:workers";
import type { Deployment } from "./deployment.ts";
import { closingsOf, type Event, withApp } from "./events/event.ts";
import type { AuditMessage } from "./journal/audit.ts";
import { recordInJournal } from "./journal/journal.ts";
import { consumeNotifications } from "./notifications/batches/consumer.ts";
import type { NotificationJob } from "./notifications/notification.ts";
import type { SendJob } from "./phone-number/phone-state.ts";
import { log } from "./platform/log.ts";
import { type Offered, offer } from "./platform/offer.ts";
import { consumeSends } from "./verification/message-sender.ts";
import { consumeDeliveries } from "./webhook-endpoints/consumer.ts";
import type { DeliveryJob } from "./webhook-endpoints/delivery.ts";
import { deliverEvents } from "./webhook-endpoints/queue.ts";

/** Handles a batch of a queue, by the name in wrangler.toml. */
export async function consume(batch: MessageBatch, deployment: Deployment): Promise<void> {
  switch (batch.queue) {
    case "sandi-sends":
      return consumeSends(batch as MessageBatch<SendJob>, deployment.verifications);
    case "sandi-notifications":
      return consumeNotifications(batch as MessageBatch<NotificationJob>, deployment);
    case "sandi-events":
      return consumeEvents(batch as MessageBatch<Queued>, deployment);
    case "sandi-events-dead":
      return consumeDeadLetters(batch as MessageBatch<Queued>, deployment);
    case "sandi-deliveries":
      return consumeDeliveries(batch as MessageBatch<DeliveryJob>, "first", deployment.webhooks);
    case "sandi-deliveries-slow":
      return consumeDeliveries(batch as MessageBatch<DeliveryJob>, "slow", deployment.webhooks);
    default:
      throw new Error(`The queue ${batch.queue} has no consumer`);
  }
}

/** A message on the queue of events. */
type Queued = Event | AuditMessage;

/** A message whose content this version can read. */
interface Arrived<Content extends Queued> {
  readonly message: Message<Queued>;
  readonly content: Content;
}

/** The pause after a failed attempt, at first and at most; it doubles. A hundred retries take some 15 hours. */
const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 600;
/** The longest that the queue allows. What has failed for that long is retried for the 14 days that it is kept. */
const DEAD_LETTER_RETRY_SECONDS = 12 * 3_600;

/** Stores a batch of events, of which the guard learns at their first attempt: its counters cannot detect repeats. */
async function consumeEvents(batch: MessageBatch<Queued>, deployment: Deployment): Promise<void> {
  const arrived = batch.messages.flatMap(read);
  const first = arrived.filter(({ message }) => message.attempts === 1).map(({ content }) => content);
  // Also while the journal cannot write. Neither part rejects.
  const [failed] = await Promise.all([
    store(batch, arrived, deployment),
    deployment.guard.onClosed(closingsOf(first.filter(isEvent), Date.now()), waitUntil),
  ]);
  if (failed.size === 0) return batch.ackAll();
  for (const message of batch.messages) {
    if (failed.has(message)) message.retry({ delaySeconds: retrySeconds(message.attempts) });
    else message.ack();
  }
}

/** Tries again to store events that no attempt could store. */
async function consumeDeadLetters(batch: MessageBatch<Queued>, deployment: Deployment): Promise<void> {
  const arrived = batch.messages.flatMap(read);
  const failed = await store(batch, arrived, deployment);
  for (const message of batch.messages) {
    if (failed.has(message)) message.retry({ delaySeconds: DEAD_LETTER_RETRY_SECONDS });
    else message.ack();
  }
  const times = new Map(arrived.map(({ message, content }) => [message, content.at]));
  await deployment.deadLetters.note(
    [...failed].map((message) => times.get(message) ?? Number(message.timestamp)),
  );
}

/**
 * Hands events to the journal, the guard's log and the webhook endpoints, concurrently; each of them detects what it has
 * already stored. Never rejects.
 *
 * @returns The messages that one of them could not store, and those that this version cannot read.
 */
async function store(
  batch: MessageBatch<Queued>,
  arrived: readonly Arrived<Queued>[],
  { journal, guardLog, webhooks, audit }: Deployment,
): Promise<ReadonlySet<Message<Queued>>> {
  const events = arrived.filter((entry) => isEvent(entry.content)) as Arrived<Event>[];
  const decisions = arrived.filter(({ content }) => content.kind === "guard");
  const entries = arrived.filter(({ content }) => content.kind === "audit") as Arrived<AuditMessage>[];
  const offers: readonly Offered<Arrived<Queued>>[] = await Promise.all([
    offer(events, (part) => recordInJournal(journal, part.map(contentOf))),
    offer(decisions, (part) =>
      guardLog.record(part.map(contentOf).filter((event) => event.kind === "guard")),
    ),
    offer(events, (part) => deliverEvents(part.map(contentOf), webhooks)),
    offer(entries, (part) => audit.store(part.map(({ content }) => content.entry))),
  ]);
  const readable = new Set(arrived.map(({ message }) => message));
  const failed = new Set(batch.messages.filter((message) => !readable.has(message)));
  for (const { refused } of offers) for (const { message } of refused) failed.add(message);
  if (failed.size > 0) {
    const error = offers.find((offered) => offered.error !== null)?.error ?? "unreadable";
    log("error", "Events could not be stored", { count: failed.size, error: String(error) });
  }
  return failed;
}

/** The content of a message; none where a newer version sent what this one does not know. */
function read(message: Message<Queued>): readonly Arrived<Queued>[] {
  try {
    const content = message.body.kind === "audit" ? message.body : withApp(message.body);
    return content === undefined ? [] : [{ message, content }];
  } catch {
    return [];
  }
}

function isEvent(content: Queued): content is Event {
  return content.kind !== "audit";
}

function contentOf<Content extends Queued>({ content }: Arrived<Content>): Content {
  return content;
}

/** Shorter by up to a quarter, at random, so that what failed together does not come together for ever. */
function retrySeconds(attempts: number): number {
  const pause = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS);
  return Math.ceil(pause * (1 - Math.random() / 4));
}
