import { createHash } from "node:crypto";
import { idPattern, makeId, randomId } from "./id.ts";
import type { IdempotencyRequest } from "./idempotency-key.ts";

/** A batch's id: `bat_` and 128 random bits in base32. It names the batch's object. */
export type BatchId = string & { readonly __brand: "BatchId" };

const PREFIX = "bat_";
const BYTES = 16;
const PATTERN = idPattern(PREFIX);

export function newBatchId(): BatchId {
  return randomId(PREFIX, BYTES) as BatchId;
}

/**
 * The id for a caller's `Idempotency-Key`: the same key finds the batch that it created.
 *
 * @param use How often the key has expired and been used again, because a batch outlives its key.
 */
export function batchIdFor({ key }: IdempotencyRequest, use: number): BatchId {
  const digest = createHash("sha256").update(`${key} ${use}`).digest();
  return makeId(PREFIX, digest.subarray(0, BYTES)) as BatchId;
}

/** Reads an id in its canonical form; null for anything else. */
export function parseBatchId(text: string): BatchId | null {
  return PATTERN.test(text) ? (text as BatchId) : null;
}
