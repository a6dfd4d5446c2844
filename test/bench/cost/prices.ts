import type { Unit } from "./protocol.ts";

/** Cloudflare's list prices on the Workers Paid plan. */
export const PRICES_OF = 2026;

/** US dollars a million. What the plan includes is not deducted. */
export const USD_PER_MILLION: Readonly<Record<Unit, number>> = {
  worker_requests: 0.3,
  object_requests: 0.15,
  object_rows_read: 0.001,
  object_rows_written: 1,
  queue_operations: 0.4,
  // Lists and deletes cost as much as writes, and are counted with them.
  kv_reads: 0.5,
  kv_writes: 5,
  d1_rows_read: 0.001,
  d1_rows_written: 1,
};

/** A millisecond of a Worker's CPU. */
export const CPU_USD_PER_MILLION_MS = 0.02;

/** A millisecond that an object is awake: 128 MB, at 12.50 a million GB-s. */
export const OBJECT_USD_PER_MILLION_MS = (12.5 * 0.128) / 1000;

/**
 * How long a call keeps an object awake, which only the platform could tell: what it computes, and for one that
 * hands events over the queue's answer. Assumed, and more than is measured here.
 */
export const ASSUMED_AWAKE_MS = 10;
