import type { IdempotencyRequest } from "../../ids/idempotency-key.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { Answer } from "../answers.ts";
import type { IdempotencyRecord, PhoneState } from "../phone-state.ts";

/** What a repeated request gets. */
export type Recalled<A extends Answer> =
  | { readonly kind: "replayed"; readonly answer: A }
  | { readonly kind: "idempotency_mismatch" }
  | { readonly kind: "idempotency_in_progress"; readonly retryAfterMs: number };

/**
 * A send takes at most ten seconds and one retry. A record without an answer after this long belongs to a
 * request that died; its key is then answered with what the object knows.
 */
const LONGEST_REQUEST_MS = 30_000;

/**
 * Looks a key up in an advanced state. Null means the request is new, or has no key.
 *
 * @param isAnswer Tells the answers of this operation from others.
 * @param unfinished Makes the answer of a request that died before it stored its own.
 */
export function recall<A extends Answer>(
  state: PhoneState,
  request: IdempotencyRequest | null,
  now: number,
  isAnswer: (answer: Answer) => answer is A,
  unfinished: (record: IdempotencyRecord) => A | null,
): Recalled<A> | null {
  if (request === null) return null;
  const record = state.idempotency.find(({ key }) => key === request.key);
  if (record === undefined) return null;
  if (record.content !== request.content) return { kind: "idempotency_mismatch" };
  if (record.answer !== null) {
    return isAnswer(record.answer)
      ? { kind: "replayed", answer: record.answer }
      : { kind: "idempotency_mismatch" };
  }
  const retryAfterMs = record.at + LONGEST_REQUEST_MS - now;
  if (retryAfterMs > 0) return { kind: "idempotency_in_progress", retryAfterMs };
  const answer = unfinished(record);
  return answer === null ? null : { kind: "replayed", answer };
}

/** Stores a key with the verification it acted on; `answer` is null while the request still has to send. */
export function remember(
  state: PhoneState,
  request: IdempotencyRequest | null,
  id: VerificationId,
  answer: Answer | null,
  now: number,
): PhoneState {
  if (request === null) return state;
  const kept = state.idempotency.filter(({ key }) => key !== request.key);
  return { ...state, idempotency: [...kept, { ...request, id, at: now, answer }] };
}
