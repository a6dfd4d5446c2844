import type { AppName } from "../../ids/app-name.ts";
import type { MessageError } from "../../messages/message.ts";
import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";

/**
 * A recipient's progress. `enqueued`: in the queue, where a pause or cancel still stops it. `sending`: taken
 * by a consumer, which may have sent it already. The last four are final.
 */
export type RecipientState =
  | "waiting"
  | "enqueued"
  | "sending"
  | "sent"
  | "failed"
  | "opted_out"
  | "canceled";

export type BatchStatus = "running" | "paused" | "canceled" | "done";

/** A batch's record, written as one row by every step. Times in milliseconds since the epoch. */
export interface BatchState {
  readonly app: AppName;
  readonly template: string;
  /** A MAC of the request that came with the idempotency key; null without a key. */
  readonly content: string | null;
  readonly status: BatchStatus;
  /** By ordinal. */
  readonly recipients: readonly RecipientState[];
  readonly errors: readonly CountedError[];
  /** Maximum number of recipients that are enqueued or sending. */
  readonly ahead: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** When recipients in the queue count as lost unless progress was seen. */
  readonly overdueAt: number;
  /** How long to wait for progress; doubles each time there is none. */
  readonly patienceMs: number;
}

/** An error and how many recipients met it. */
export interface CountedError extends MessageError {
  readonly count: number;
}

/** The public part of a batch. */
export interface BatchSnapshot {
  readonly template: string;
  readonly status: BatchStatus;
  readonly total: number;
  readonly counts: Readonly<Record<Exclude<RecipientState, "enqueued">, number>>;
  readonly errors: readonly CountedError[];
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/**
 * The queue delivers most messages within a second, and a message waits up to five for its slot. Enqueuing a
 * recipient twice costs a slot and a call to its contact object, so a short deadline is harmless.
 */
export const PATIENCE_MS = 10_000;
const LONGEST_PATIENCE_MS = 15 * MINUTE_MS;

/** A batch expires after this time, and a finished batch is deleted after the same time. */
const LIFE_MS = 7 * DAY_MS;

/** A newly accepted batch. */
export function newBatch(
  batch: Pick<BatchState, "app" | "template" | "content" | "ahead"> & { readonly total: number },
  now: number,
): BatchState {
  const { total, ...rest } = batch;
  return {
    ...rest,
    status: "running",
    recipients: Array.from({ length: total }, () => "waiting"),
    errors: [],
    createdAt: now,
    finishedAt: null,
    ...resetDeadline(now),
  };
}

type ProgressDeadline = Pick<BatchState, "overdueAt" | "patienceMs">;

/** Whether a recipient has no final state yet. */
export function isOpen(recipient: RecipientState | undefined): boolean {
  return recipient === "waiting" || recipient === "enqueued" || recipient === "sending";
}

/** Number of recipients that are enqueued or sending. */
export function inFlight({ recipients }: BatchState): number {
  return recipients.filter((state) => state === "enqueued" || state === "sending").length;
}

export function ordinalsOf({ recipients }: BatchState, wantedState: RecipientState): number[] {
  return recipients.flatMap((state, ordinal) => (state === wantedState ? [ordinal] : []));
}

/** Resets the deadline after progress. */
export function resetDeadline(now: number): ProgressDeadline {
  return { overdueAt: now + PATIENCE_MS, patienceMs: PATIENCE_MS };
}

/** Doubles the deadline after a time without progress. */
export function extendDeadline({ patienceMs }: BatchState, now: number): ProgressDeadline {
  const longer = Math.min(patienceMs * 2, LONGEST_PATIENCE_MS);
  return { overdueAt: now + longer, patienceMs: longer };
}

/** When an unfinished batch expires. */
export function expiresAt({ createdAt }: BatchState): number {
  return createdAt + LIFE_MS;
}

/** When a finished batch is deleted; never before it has finished. */
export function deletedAt({ finishedAt }: BatchState): number {
  return (finishedAt ?? Number.POSITIVE_INFINITY) + LIFE_MS;
}

/** When the object's alarm is due. */
export function nextDue(state: BatchState): number {
  if (state.finishedAt !== null) return deletedAt(state);
  const isIdle = state.status !== "running" && !state.recipients.includes("sending");
  return isIdle ? expiresAt(state) : Math.min(state.overdueAt, expiresAt(state));
}

export function snapshotOf(state: BatchState): BatchSnapshot {
  const { template, status, recipients, errors, createdAt, finishedAt } = state;
  const count = (...states: readonly RecipientState[]) =>
    recipients.filter((recipient) => states.includes(recipient)).length;
  return {
    template,
    status,
    total: recipients.length,
    errors,
    createdAt,
    finishedAt,
    counts: {
      waiting: count("waiting", "enqueued"),
      sending: count("sending"),
      sent: count("sent"),
      failed: count("failed"),
      opted_out: count("opted_out"),
      canceled: count("canceled"),
    },
  };
}
