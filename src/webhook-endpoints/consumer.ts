import { log } from "../platform/log.ts";
import { attempt } from "./attempt.ts";
import type { DeliveryJob } from "./delivery.ts";
import { delayAfterFault, delaySeconds } from "./retries.ts";
import type { Webhooks } from "./webhooks.ts";

/**
 * Works off the queue of deliveries, all messages of a batch at the same time and each by itself: an
 * endpoint that takes its 15 seconds delays its own answers and nobody else's. For that a batch must stay
 * below the six connections that a Worker may have waiting at once.
 */
export async function consumeDeliveries(batch: MessageBatch<DeliveryJob>, webhooks: Webhooks): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await workOff(message.body, webhooks);
        message.ack();
      } catch (error) {
        log("error", "A webhook delivery could not be worked off", { error: String(error) });
        message.retry({ delaySeconds: delayAfterFault(message.attempts) });
      }
    }),
  );
}

/** The schedule is D1's; a message only wakes it. One that is there too early is sent on to the right time. */
async function workOff(job: DeliveryJob, webhooks: Webhooks): Promise<void> {
  const dueAt = await attempt(job.id, webhooks);
  if (dueAt === null) return;
  await webhooks.queue.send(job, { delaySeconds: delaySeconds(dueAt, Date.now()) });
}
