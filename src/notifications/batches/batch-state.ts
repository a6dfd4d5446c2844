import type { MessageError } from "../../messages/message.ts";
import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";

/**
 * How far a recipient is. `fed`: in the queue, where a pause or a cancel still stops it. `taken`: whoever took
 * it out may have sent it already. The last four are final.
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

/** A batch's record, which every step writes as one row. Times in milliseconds since the epoch. */
export interface BatchState {
  readonly template: string;
  /** A MAC of what the caller's idempotency key came with; null without one. */
  readonly content: string | null;
  readonly status: BatchStatus;
  /** By ordinal. */
  readonly recipients: readonly RecipientState[];
  readonly errors: readonly CountedError[];
  /** How many recipients may be in the queue, or taken from it, at a time. */
  readonly ahead: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** By then those in the queue should have been heard of, or they count as lost. */
  readonly overdueAt: number;
  /** How long nothing may be heard of them; grows while nothing is. */
  readonly patienceMs: number;
}

/** An error that recipients have met, and how many. */
export interface CountedError extends MessageError {
  readonly count: number;
}

/** A batch as the outside may see it. */
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
 * The queue brings most messages within a second, and a message waits up to five for its turn. What is fed
 * twice costs a turn and a question to its recipient's object, so an early guess does no harm.
 */
export const PATIENCE_MS = 10_000;
const LONGEST_PATIENCE_MS = 15 * MINUTE_MS;

/** What has not been sent after this long is not sent any more; a finished batch is kept for as long again. */
const LIFE_MS = 7 * DAY_MS;

/** A batch that has just been accepted. */
export function newBatch(
  order: Pick<BatchState, "template" | "content" | "ahead"> & { readonly total: number },
  now: number,
): BatchState {
  const { total, ...rest } = order;
  return {
    ...rest,
    status: "running",
    recipients: Array.from({ length: total }, () => "waiting"),
    errors: [],
    createdAt: now,
    finishedAt: null,
    ...heardOf(now),
  };
}

type Silence = Pick<BatchState, "overdueAt" | "patienceMs">;

/** Whether a recipient is still to be done with. */
export function isOpen(recipient: RecipientState | undefined): boolean {
  return recipient === "waiting" || recipient === "enqueued" || recipient === "sending";
}

/** How many recipients are in the queue or taken from it. */
export function inFlight({ recipients }: BatchState): number {
  return recipients.filter((state) => state === "enqueued" || state === "sending").length;
}

export function ordinalsOf({ recipients }: BatchState, wanted: RecipientState): number[] {
  return recipients.flatMap((state, ordinal) => (state === wanted ? [ordinal] : []));
}

/** Something was heard of the batch's messages. */
export function heardOf(now: number): Silence {
  return { overdueAt: now + PATIENCE_MS, patienceMs: PATIENCE_MS };
}

/** Nothing was: the next silence may last twice as long. */
export function heardNothing({ patienceMs }: BatchState, now: number): Silence {
  const longer = Math.min(patienceMs * 2, LONGEST_PATIENCE_MS);
  return { overdueAt: now + longer, patienceMs: longer };
}

/** When a batch that has not finished is given up. */
export function endsAt({ createdAt }: BatchState): number {
  return createdAt + LIFE_MS;
}

/** When a batch is forgotten; never before it has finished. */
export function forgottenAt({ finishedAt }: BatchState): number {
  return (finishedAt ?? Number.POSITIVE_INFINITY) + LIFE_MS;
}

/** When the object has to look after its batch again. */
export function nextDue(state: BatchState): number {
  if (state.finishedAt !== null) return forgottenAt(state);
  const rests = state.status !== "running" && !state.recipients.includes("sending");
  return rests ? endsAt(state) : Math.min(state.overdueAt, endsAt(state));
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
