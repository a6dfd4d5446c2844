import type { BatchId } from "../../ids/batch-id.ts";
import { log } from "../../platform/log.ts";
import type { JobOutcome, NotificationJob } from "../notification.ts";
import type { Batches } from "./batches.ts";
import type { SendSlots } from "./send-slots.ts";

interface Dependencies {
  readonly notifications: { sendJob(job: NotificationJob): Promise<JobOutcome> };
  readonly batches: Pick<Batches, "sendable" | "take" | "record">;
  readonly sendSlots: Pick<SendSlots, "reserve">;
}

interface Received {
  readonly message: Message<NotificationJob>;
}

/** A message with the time of its slot. */
interface Due extends Received {
  readonly at: number;
}

interface Done extends Received {
  readonly outcome: JobOutcome;
}

/** Delay after an internal failure; doubles with each attempt. */
const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 300;
/** Longest delay of a message, so that it notices when a paused sender has recovered early. */
const LONGEST_DELAY_SECONDS = 900;

/**
 * Consumes notifications, single ones and those of batches: each waits for its send slot and is sent if its
 * batch still allows it. Messages without a slot soon return to the queue. A message is acknowledged after
 * its batch has recorded the result; a repeat is recognized by the contact object.
 */
export async function consumeNotifications(
  batch: MessageBatch<NotificationJob>,
  { notifications, batches, sendSlots }: Dependencies,
): Promise<void> {
  const received = batch.messages.map((message) => ({ message }));
  // Asked twice: first so that no slot is spent on messages that a pause or repeat left in the queue, then
  // right before sending, so that a pause or cancel stops what has not started.
  const candidates = await askBatches(received, (id, ordinals) => batches.sendable(id, ordinals));
  const due = await withSlots(candidates, sendSlots);
  if (due.length === 0) return;
  await waitUntilDue(Math.min(...due.map(({ at }) => at)));
  const taken = await askBatches(due, (id, ordinals) => batches.take(id, ordinals));
  const done = await Promise.all(
    taken.map(async ({ message, at }) => {
      await waitUntilDue(at);
      return { message, outcome: await sendJob(message, notifications) };
    }),
  );
  await settle(done, batches);
}

/** Returns the messages with a slot soon; the others are retried later. */
async function withSlots(
  received: readonly Received[],
  sendSlots: Dependencies["sendSlots"],
): Promise<readonly Due[]> {
  if (received.length === 0) return [];
  try {
    const slots = await sendSlots.reserve(received.map(({ message }) => message.body));
    const now = Date.now();
    return received.flatMap(({ message }, index) => {
      const slot = slots[index];
      if (slot?.kind === "slot") return [{ message, at: now + slot.waitMs }];
      retryAfter(message, (slot?.delayMs ?? 0) / 1000);
      return [];
    });
  } catch (error) {
    retryAll(received, error);
    return [];
  }
}

/** Asks each batch once which of its messages may be sent; the others are acknowledged. */
async function askBatches<Item extends Received>(
  items: readonly Item[],
  ask: (id: BatchId, ordinals: readonly number[]) => Promise<readonly number[]>,
): Promise<readonly Item[]> {
  const parts = [...Map.groupBy(items, batchOf)].map(async ([id, items]) => {
    if (id === null) return items;
    try {
      const allowed = new Set(await ask(id, items.map(ordinalOf)));
      const { send = [], skip = [] } = Object.groupBy(items, (item) =>
        allowed.has(ordinalOf(item)) ? "send" : "skip",
      );
      for (const { message } of skip) message.ack();
      return send;
    } catch (error) {
      retryAll(items, error);
      return [];
    }
  });
  return (await Promise.all(parts)).flat();
}

async function sendJob(
  message: Message<NotificationJob>,
  notifications: Dependencies["notifications"],
): Promise<JobOutcome> {
  try {
    return await notifications.sendJob(message.body);
  } catch (error) {
    log("error", "Notification job failed", { error: String(error) });
    return { kind: "later", delaySeconds: backoffSeconds(message) };
  }
}

async function settle(done: readonly Done[], batches: Dependencies["batches"]): Promise<void> {
  const parts = [...Map.groupBy(done, batchOf)].map(async ([id, items]) => {
    try {
      const results = items.map((item) => ({ ordinal: ordinalOf(item), outcome: item.outcome }));
      if (id !== null) await batches.record(id, results);
      for (const { message, outcome } of items) {
        if (outcome.kind === "later") retryAfter(message, outcome.delaySeconds);
        else message.ack();
      }
    } catch (error) {
      retryAll(items, error);
    }
  });
  await Promise.all(parts);
}

function retryAll(received: readonly Received[], error: unknown): void {
  log("error", "Notification batch failed, retrying", { count: received.length, error: String(error) });
  for (const { message } of received) retryAfter(message, backoffSeconds(message));
}

function retryAfter(message: Message<NotificationJob>, seconds: number): void {
  message.retry({ delaySeconds: Math.min(Math.ceil(seconds), LONGEST_DELAY_SECONDS) });
}

function backoffSeconds({ attempts }: Message<NotificationJob>): number {
  return Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS);
}

const batchOf = ({ message }: Received) => message.body.batch?.id ?? null;
const ordinalOf = ({ message }: Received) => message.body.batch?.ordinal ?? 0;

function waitUntilDue(at: number): Promise<void> {
  const waitMs = at - Date.now();
  return waitMs <= 0 ? Promise.resolve() : new Promise((resume) => setTimeout(resume, waitMs));
}
