import type { Keyring } from "../platform/keyring.ts";
import { idPattern, makeId, randomId } from "./id.ts";
import type { IdempotencyKey } from "./idempotency-key.ts";

/** A batch's id: `bat_` and 128 random bits in base32. It names the batch's object. */
export type BatchId = string & { readonly __brand: "BatchId" };

const PREFIX = "bat_";
const BYTES = 16;
const PATTERN = idPattern(PREFIX);

export function newBatchId(): BatchId {
  return randomId(PREFIX, BYTES) as BatchId;
}

/** The id for a caller's `Idempotency-Key`: the same key finds the batch that it created. */
export function batchIdFor(keyring: Keyring, { caller, key }: IdempotencyKey): BatchId {
  const [mac] = keyring.mac("request", JSON.stringify(["batch", caller, key]));
  return makeId(PREFIX, mac.subarray(0, BYTES)) as BatchId;
}

/** Reads an id in its canonical form; null for anything else. */
export function parseBatchId(text: string): BatchId | null {
  return PATTERN.test(text) ? (text as BatchId) : null;
}
