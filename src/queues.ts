import { waitUntil } from "cloudflare:workers";
import type { Deployment } from "./deployment.ts";
import { closingsOf, type Event, withApp } from "./events/event.ts";
import { recordInJournal } from "./journal/journal.ts";
import { consumeNotifications } from "./notifications/batches/consumer.ts";
import type { NotificationJob } from "./notifications/notification.ts";
import type { SendJob } from "./phone-number/phone-state.ts";
import { log } from "./platform/log.ts";
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
      return consumeEvents(batch as MessageBatch<Event>, deployment);
    case "sandi-deliveries":
      return consumeDeliveries(batch as MessageBatch<DeliveryJob>, "first", deployment.webhooks);
    case "sandi-deliveries-slow":
      return consumeDeliveries(batch as MessageBatch<DeliveryJob>, "slow", deployment.webhooks);
    default:
      throw new Error(`The queue ${batch.queue} has no consumer`);
  }
}

/**
 * Hands a batch of events to the journal, the guard's log and the webhook endpoints, concurrently. When one of them
 * fails, the whole batch is retried: each of them detects what it has already stored.
 */
async function consumeEvents(batch: MessageBatch<Event>, deployment: Deployment): Promise<void> {
  const { journal, guardLog, webhooks, guard } = deployment;
  const events = batch.messages.map(({ body }) => withApp(body));
  const results = await Promise.allSettled([
    recordInJournal(journal, events),
    guardLog.record(events.filter((event) => event.kind === "guard")),
    deliverEvents(events, webhooks),
  ]);
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) {
    // After the rest, and without a retry: the guard's counters cannot detect repeats.
    await guard.onClosed(closingsOf(events, Date.now()), waitUntil);
    return batch.ackAll();
  }
  log("error", "Events batch failed", { count: events.length, error: String(failure.reason) });
  batch.retryAll();
}
