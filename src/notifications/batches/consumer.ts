import type { BatchId } from "../../ids/batch-id.ts";
import { log } from "../../platform/log.ts";
import type { JobOutcome, NotificationJob } from "../notification.ts";
import type { Batches } from "./batches.ts";
import type { SendSlots } from "./send-slots.ts";

/** What it takes to work off notifications. */
interface Dependencies {
  readonly notifications: { carryOut(job: NotificationJob): Promise<JobOutcome> };
  readonly batches: Pick<Batches, "stillWanted" | "take" | "record">;
  readonly sendSlots: Pick<SendSlots, "reserve">;
}

interface Received {
  readonly message: Message<NotificationJob>;
}

/** With the time at which it may go out. */
interface Due extends Received {
  readonly at: number;
}

interface Done extends Received {
  readonly outcome: JobOutcome;
}

/** What failed for reasons of our own is left alone for this long, and for twice as long each time. */
const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 300;
/** What waits for a sender that rests for hours looks now and then whether it has recovered. */
const LONGEST_DELAY_SECONDS = 900;

/**
 * Works off notifications, single ones and those of batches alike: each waits for its turn, and goes out if its
 * batch still wants it. What has no turn soon goes back to the queue. A message is acknowledged once its batch
 * has counted it; one that comes again is recognised at its recipient's object.
 */
export async function consumeNotifications(
  batch: MessageBatch<NotificationJob>,
  { notifications, batches, sendSlots }: Dependencies,
): Promise<void> {
  const brought = batch.messages.map((message) => ({ message }));
  // Asked twice: before, so that no turn is given to what a pause or a repeat has left in the queue; and as
  // late as can be, so that a pause or a cancel stops whatever has not begun.
  const wanted = await askBatches(brought, (id, ordinals) => batches.stillWanted(id, ordinals));
  const due = await withTurns(wanted, sendSlots);
  if (due.length === 0) return;
  await reached(Math.min(...due.map(({ at }) => at)));
  const taken = await askBatches(due, (id, ordinals) => batches.take(id, ordinals));
  const done = await Promise.all(
    taken.map(async ({ message, at }) => {
      await reached(at);
      return { message, outcome: await carryOut(message, notifications) };
    }),
  );
  await settle(done, batches);
}

/** The messages whose turn comes soon; the others are told to come again. */
async function withTurns(
  brought: readonly Received[],
  sendSlots: Dependencies["sendSlots"],
): Promise<readonly Due[]> {
  if (brought.length === 0) return [];
  try {
    const given = await sendSlots.reserve(brought.map(({ message }) => message.body));
    const now = Date.now();
    return brought.flatMap(({ message }, index) => {
      const turn = given[index];
      if (turn?.kind === "slot") return [{ message, at: now + turn.waitMs }];
      retryAfter(message, (turn?.delayMs ?? 0) / 1000);
      return [];
    });
  } catch (error) {
    comeAgain(brought, error);
    return [];
  }
}

/** Asks each batch once which of its messages may go out; the others are done with. */
async function askBatches<Item extends Received>(
  items: readonly Item[],
  ask: (id: BatchId, ordinals: readonly number[]) => Promise<readonly number[]>,
): Promise<readonly Item[]> {
  const parts = [...Map.groupBy(items, batchOf)].map(async ([id, own]) => {
    if (id === null) return own;
    try {
      const going = new Set(await ask(id, own.map(ordinalOf)));
      const { yes = [], no = [] } = Object.groupBy(own, (one) => (going.has(ordinalOf(one)) ? "yes" : "no"));
      for (const { message } of no) message.ack();
      return yes;
    } catch (error) {
      comeAgain(own, error);
      return [];
    }
  });
  return (await Promise.all(parts)).flat();
}

async function carryOut(
  message: Message<NotificationJob>,
  notifications: Dependencies["notifications"],
): Promise<JobOutcome> {
  try {
    return await notifications.carryOut(message.body);
  } catch (error) {
    log("error", "A notification could not be carried out", { error: String(error) });
    return { kind: "later", delaySeconds: backoffSeconds(message) };
  }
}

async function settle(done: readonly Done[], batches: Dependencies["batches"]): Promise<void> {
  const parts = [...Map.groupBy(done, batchOf)].map(async ([id, own]) => {
    try {
      const results = own.map((one) => ({ ordinal: ordinalOf(one), outcome: one.outcome }));
      if (id !== null) await batches.record(id, results);
      for (const { message, outcome } of own) {
        if (outcome.kind === "later") retryAfter(message, outcome.delaySeconds);
        else message.ack();
      }
    } catch (error) {
      comeAgain(own, error);
    }
  });
  await Promise.all(parts);
}

function comeAgain(brought: readonly Received[], error: unknown): void {
  log("error", "Notifications have to come again", { count: brought.length, error: String(error) });
  for (const { message } of brought) retryAfter(message, backoffSeconds(message));
}

function retryAfter(message: Message<NotificationJob>, seconds: number): void {
  message.retry({ delaySeconds: Math.min(Math.ceil(seconds), LONGEST_DELAY_SECONDS) });
}

function backoffSeconds({ attempts }: Message<NotificationJob>): number {
  return Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS);
}

const batchOf = ({ message }: Received) => message.body.batch?.id ?? null;
const ordinalOf = ({ message }: Received) => message.body.batch?.ordinal ?? 0;

function reached(at: number): Promise<void> {
  const waitMs = at - Date.now();
  return waitMs <= 0 ? Promise.resolve() : new Promise((resume) => setTimeout(resume, waitMs));
}
