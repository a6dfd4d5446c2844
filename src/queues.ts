import { waitUntil } from "cloudflare:workers";
import type { Deployment } from "./deployment.ts";
import { closingsOf } from "./events/closings.ts";
import type { Event } from "./events/event.ts";
import { recordInJournal } from "./journal/journal.ts";
import { consumeNotifications } from "./notifications/batches/consumer.ts";
import type { NotificationJob } from "./notifications/notification.ts";
import type { SendJob } from "./phone-number/phone-state.ts";
import { log } from "./platform/log.ts";
import { consumeSends } from "./verification/message-sender.ts";
import type { DeliveryJob } from "./webhook-endpoints/delivery.ts";
import { consumeDeliveries, deliverEvents } from "./webhook-endpoints/queue.ts";

/** Works off a batch of one of the Worker's queues, by the name that wrangler.toml gives it. */
export async function consume(batch: MessageBatch, deployment: Deployment): Promise<void> {
  switch (batch.queue) {
    case "sandi-sends":
      return consumeSends(batch as MessageBatch<SendJob>, deployment.verifications);
    case "sandi-notifications":
      return consumeNotifications(batch as MessageBatch<NotificationJob>, deployment);
    case "sandi-events":
      return consumeEvents(batch as MessageBatch<Event>, deployment);
    case "sandi-deliveries":
      return consumeDeliveries(batch as MessageBatch<DeliveryJob>, deployment.webhooks);
    default:
      throw new Error(`Nobody works off the queue ${batch.queue}`);
  }
}

/**
 * Journal and endpoints get the whole batch, side by side; when one of them fails the batch comes again, and
 * what was done already is recognised.
 */
async function consumeEvents(
  batch: MessageBatch<Event>,
  { journal, guardLog, webhooks, guard }: Deployment,
): Promise<void> {
  const events = batch.messages.map(({ body }) => body);
  const done = await Promise.allSettled([
    recordInJournal(journal, events),
    guardLog.record(events.filter((event) => event.kind === "guard")),
    deliverEvents(events, webhooks),
  ]);
  const fault = done.find((one) => one.status === "rejected");
  if (fault === undefined) {
    // Last, and never a reason for the batch to come again: the guard's counts do not recognise repeats.
    await guard.onClosed(closingsOf(events, Date.now()), waitUntil);
    return batch.ackAll();
  }
  log("error", "Events could not be worked off", { count: events.length, error: String(fault.reason) });
  batch.retryAll();
}
