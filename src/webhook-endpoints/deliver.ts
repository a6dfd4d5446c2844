import type { Event } from "../events/event.ts";
import { sendAll } from "../platform/chunks.ts";
import type { DeliveryJob } from "./delivery.ts";
import type { Webhooks } from "./webhooks.ts";

/**
 * Hands events over to the endpoints that want them: a row for each pair, then a message that points to it.
 * Nothing is sent yet, so no endpoint can hold up the events behind it. Throws when D1 or the queue fails;
 * doing it again does nothing twice.
 */
export async function deliverEvents(events: readonly Event[], webhooks: Webhooks): Promise<void> {
  const enabled = (await webhooks.endpoints.list()).filter(({ status }) => status === "enabled");
  const wanted = events.flatMap((event) =>
    enabled
      .filter(({ eventTypes }) => eventTypes === null || eventTypes.includes(event.type))
      .map(({ id }) => ({ event, endpointId: id })),
  );
  await enqueue(await webhooks.deliveries.add(wanted, Date.now()), webhooks.queue);
}

/** Sends a message for each delivery, to be taken up at once. */
export function enqueue(ids: readonly string[], queue: Queue<DeliveryJob>): Promise<void> {
  return sendAll(
    queue,
    ids.map((id) => ({ id })),
  );
}
