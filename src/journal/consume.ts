import type { Event } from "../events/event.ts";
import type { Journal } from "./journal.ts";

/** The journal's part of a batch from the queue of events. Rejects when it could not be written: then retry the batch. */
export async function recordInJournal(journal: Journal, events: readonly Event[]): Promise<void> {
  await Promise.all([
    journal.record(events.filter((event) => event.kind === "verification")),
    journal.recordNotifications(events.filter((event) => event.kind === "notification")),
  ]);
}
