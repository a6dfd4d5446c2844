import type { EventReference, OutboxItem, PhoneState } from "./phone-state.ts";
import { largestSizeOf, sizeOf } from "./record-size.ts";
import type { Verification } from "./verification.ts";

/** A record has at most 64 KB, with what is stored around it. */
const MOST_BYTES = 63 * 1024;

/** What may be given up of a record that has become too large: one thing at a time; null when there is none left. */
type Shed = (state: PhoneState) => PhoneState | null;

/**
 * In this order: events keep what happened and get the rest from their verification; answers of idempotency keys and
 * closed verifications are forgotten before their day is over, the oldest first. Only with a queue that is down for long
 * under the largest requests, events and at last pending verifications go as well.
 */
const SHEDS: readonly Shed[] = [
  shortenEvent,
  dropAnswer,
  dropClosed((state, { id }) => state.outbox.every((item) => verificationOf(item) !== id)),
  dropOvertakenEvent,
  dropClosed(() => true),
  dropOldestPending,
];

/** The record within its bound: the same object where it is, as nearly always. */
export function bounded(state: PhoneState): PhoneState {
  if (largestSizeOf(state) <= MOST_BYTES) return state;
  let current = state;
  for (const shed of SHEDS) {
    while (sizeOf(current) > MOST_BYTES) {
      const smaller = shed(current);
      if (smaller === null) break;
      current = smaller;
    }
  }
  return current;
}

function shortenEvent(state: PhoneState): PhoneState | null {
  const index = state.outbox.findIndex(({ kind }) => kind === "verification");
  const event = state.outbox[index];
  if (event?.kind !== "verification") return null;
  const { id, type, at, verification } = event;
  const reference: EventReference = {
    kind: "reference",
    id,
    type,
    at,
    verificationId: verification.id,
    revision: verification.revision,
  };
  return { ...state, outbox: state.outbox.with(index, reference) };
}

function dropAnswer(state: PhoneState): PhoneState | null {
  const index = state.idempotency.findIndex(({ answer }) => answer !== null);
  return index < 0 ? null : { ...state, idempotency: state.idempotency.toSpliced(index, 1) };
}

function dropClosed(isDroppable: (state: PhoneState, verification: Verification) => boolean): Shed {
  return (state) => {
    const oldest = state.verifications.find((v) => v.status !== "pending" && isDroppable(state, v));
    return oldest === undefined ? null : without(state, oldest);
  };
}

/** An event about a message says nothing that a later event of its verification does not say. */
function dropOvertakenEvent(state: PhoneState): PhoneState | null {
  const index = state.outbox.findIndex(
    (item, place) =>
      item.kind === "reference" &&
      item.type === "verification.message" &&
      state.outbox.some((later, at) => at > place && verificationOf(later) === item.verificationId),
  );
  return index < 0 ? null : { ...state, outbox: state.outbox.toSpliced(index, 1) };
}

function dropOldestPending(state: PhoneState): PhoneState | null {
  const [oldest, ...newer] = state.verifications;
  return oldest === undefined || newer.length === 0 ? null : without(state, oldest);
}

function without(state: PhoneState, { id }: Verification): PhoneState {
  return {
    ...state,
    verifications: state.verifications.filter((v) => v.id !== id),
    idempotency: state.idempotency.filter((record) => record.id !== id),
    outbox: state.outbox.filter((item) => verificationOf(item) !== id),
  };
}

function verificationOf(item: OutboxItem): string {
  switch (item.kind) {
    case "send":
      return item.id;
    case "reference":
      return item.verificationId;
    case "verification":
      return item.verification.id;
  }
}
