import type { Keyring } from "../platform/keyring.ts";
import { base32 } from "./base32.ts";
import type { IdempotencyKey } from "./idempotency-key.ts";

const BYTES = 16;
/** 128 bits fill the last of 26 characters by three bits; its two spare bits are zero. */
const PATTERN = /^bat_[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$/;

/** Draws an id. */
export function newBatchId(): BatchId {
  return spell(crypto.getRandomValues(new Uint8Array(BYTES)));
}

/** The id that a caller's `Idempotency-Key` stands for: the same key finds the batch that it made. */
export function batchIdFor(keyring: Keyring, { caller, key }: IdempotencyKey): BatchId {
  return spell(keyring.mac("request", JSON.stringify(["batch", caller, key]))[0].subarray(0, BYTES));
}

/** Reads an id in its one canonical spelling, or answers null. */
export function parseBatchId(text: string): BatchId | null {
  return PATTERN.test(text) ? (text as BatchId) : null;
}

function spell(bytes: Uint8Array): BatchId {
  return `bat_${base32(bytes)}` as BatchId;
}

/** A batch's id: `bat_` and 26 characters of Crockford base32, 128 random bits. It names the batch's object. */
export type BatchId = string & { readonly __brand: "BatchId" };
