import type { OutboxItem, PhoneState } from "./phone-state.ts";
import type { VerificationSnapshot } from "./snapshot.ts";

/**
 * The most bytes that a part of a record takes by {@link sizeOf} with the largest content, besides what is counted for its own
 * parts: generous, since only a record that may exceed its bound is measured. A property test compares.
 */
export const MOST_BYTES_OF = {
  record: 2_000,
  verification: 3_000,
  message: 2_600,
  metadata: 720,
  limit: 640,
  send: 120,
  purposeFailures: 160,
  denial: 400,
  request: 400,
  outboxItem: 400,
} as const;

/** An upper bound of {@link sizeOf} a record that looks at none of its texts, so that every step can afford it. */
export function largestSizeOf(state: PhoneState): number {
  let bytes =
    MOST_BYTES_OF.record +
    state.sends.length * MOST_BYTES_OF.send +
    state.purposeFailures.length * MOST_BYTES_OF.purposeFailures +
    state.denials.length * MOST_BYTES_OF.denial;
  for (const verification of state.verifications) {
    const limits = keysOf(verification.attribution.limits);
    bytes += largestSizeOfVerification(verification) + limits * MOST_BYTES_OF.limit;
  }
  for (const item of state.outbox) bytes += largestSizeOfItem(item);
  for (const { answer } of state.idempotency) {
    bytes += MOST_BYTES_OF.request + (answer === null ? 0 : largestSizeOfVerification(answer.verification));
  }
  return bytes;
}

function largestSizeOfItem(item: OutboxItem): number {
  const event = item.kind === "verification" ? largestSizeOfVerification(item.verification) : 0;
  return MOST_BYTES_OF.outboxItem + event;
}

function largestSizeOfVerification({
  messages,
  metadata,
}: Pick<VerificationSnapshot, "messages" | "metadata">): number {
  return (
    MOST_BYTES_OF.verification +
    messages.length * MOST_BYTES_OF.message +
    keysOf(metadata) * MOST_BYTES_OF.metadata
  );
}

function keysOf(entries: Readonly<Record<string, string>>): number {
  return Object.keys(entries).length;
}

/** More than one character is a byte each in a string of these alone. */
const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/** Bytes before the content of a value: its tag, its length, and padding. */
const OVERHEAD = 6;
const NUMBER_BYTES = 9;

/** Values that do not change: a record's step replaces the few that it changes. */
const sizes = new WeakMap<object, number>();

/**
 * An upper bound of the bytes that a value takes in storage, which keeps it as structured clone serializes it: a string
 * in one byte a character, or two where it has characters beyond Latin-1.
 */
export function sizeOf(value: unknown): number {
  switch (typeof value) {
    case "string":
      return OVERHEAD + value.length * (BEYOND_LATIN_1.test(value) ? 2 : 1);
    case "number":
      return NUMBER_BYTES;
    case "object":
      return value === null ? 1 : sizeOfObject(value);
    default:
      return 1;
  }
}

function sizeOfObject(value: object): number {
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2 * OVERHEAD;
  if (Array.isArray(value)) for (const item of value) size += OVERHEAD + sizeOf(item);
  else for (const [name, field] of Object.entries(value)) size += sizeOf(name) + sizeOf(field);
  sizes.set(value, size);
  return size;
}
