import { D1_USD_PER_GB_MONTH, LOG_USD_PER_MILLION } from "../../../src/scale/platform.ts";
import type { Measured } from "./measure.ts";
import { type Counted, UNITS, type Unit } from "./protocol.ts";

/** Cloudflare's list prices on the Workers Paid plan. */
export const PRICES_OF = 2026;

/** US dollars per million units. Included usage is not deducted. */
export const USD_PER_MILLION: Readonly<Record<Unit, number>> = {
  worker_requests: 0.3,
  object_requests: 0.15,
  object_rows_read: 0.001,
  object_rows_written: 1,
  queue_operations: 0.4,
  // Lists and deletes have the price of writes and are counted as such.
  kv_reads: 0.5,
  kv_writes: 5,
  d1_rows_read: 0.001,
  d1_rows_written: 1,
};

/** US dollars per million milliseconds of a Worker's CPU time. */
const CPU_USD_PER_MILLION_MS = 0.02;

/** US dollars per million milliseconds of an object's duration: 128 MB at 12.50 per million GB-s. */
const OBJECT_USD_PER_MILLION_MS = (12.5 * 0.128) / 1000;

/**
 * How long one call keeps an object in memory, which only the platform measures. An upper estimate that includes
 * the response of the queue.
 */
export const ASSUMED_AWAKE_MS = 10;

/** CPU time of one request, used where the operating system does not report it. An upper estimate. */
const ASSUMED_CPU_MS = 5;

/** Units of one verification. */
export type PerVerification = Readonly<Record<Unit, number>>;

export function perVerification(measured: Measured): PerVerification {
  const entries = UNITS.map((unit) => [unit, totalOf(measured, unit) / measured.numbers]);
  return Object.fromEntries(entries) as PerVerification;
}

/** The cost of a million verifications in US dollars, by billed unit. */
export function bill(measured: Measured): Readonly<Record<Unit | "cpu" | "duration", number>> {
  const each = perVerification(measured);
  const waitedMs = totalOf(measured, "object_waited_ms") / measured.numbers;
  const awakeMs = each.object_requests * ASSUMED_AWAKE_MS + waitedMs;
  const usd = UNITS.map((unit) => [unit, each[unit] * USD_PER_MILLION[unit]]);
  return {
    ...(Object.fromEntries(usd) as PerVerification),
    cpu: cpuMsOf(measured) * CPU_USD_PER_MILLION_MS,
    duration: awakeMs * OBJECT_USD_PER_MILLION_MS,
  };
}

const DAYS_PER_MONTH = 30;

/** What a million verifications cost besides what happens: what is kept of them, and the lines that tell of them. */
export interface Kept {
  /** In the journal, until its retention ends. */
  readonly storage: number;
  readonly logs: number;
}

/** From the difference between two runs, because a small database is mostly pages that are not full. */
export function billKept(few: Measured, many: Measured): Kept {
  const byteDays =
    (totalOf(many, "journal_byte_days") - totalOf(few, "journal_byte_days")) / (many.numbers - few.numbers);
  return {
    storage: (byteDays / DAYS_PER_MONTH / 1e9) * D1_USD_PER_GB_MONTH * 1e6,
    logs: logLines(many) * LOG_USD_PER_MILLION,
  };
}

/** Lines of the log of one verification. */
export function logLines(measured: Measured): number {
  return totalOf(measured, "log_lines") / measured.numbers;
}

function totalOf({ counts }: Measured, counted: Counted): number {
  return sum(Object.values(counts[counted] ?? {}));
}

/** CPU time of one verification in milliseconds. */
function cpuMsOf(measured: Measured): number {
  const { cpuMs, numbers } = measured;
  return cpuMs === null ? perVerification(measured).worker_requests * ASSUMED_CPU_MS : cpuMs / numbers;
}

export function sum(values: Iterable<number>): number {
  return [...values].reduce((a, b) => a + b, 0);
}

/** What a million verifications cost, in US dollars: everything that happens, and nothing that is kept. */
export function usdOf(measured: Measured): number {
  return sum(Object.values(bill(measured)));
}

/**
 * What a million verifications add, in US dollars. A run also has what a deployment costs by itself, such as the journal's
 * tables of a week, which weighs in a short one.
 */
export function usdAdded(few: Measured, many: Measured): number {
  return (usdOf(many) * many.numbers - usdOf(few) * few.numbers) / (many.numbers - few.numbers);
}

/** The ratio of the unit that grows most from few numbers to many; 1 when none grows. */
export function growth(few: Measured, many: Measured): number {
  const [before, after] = [perVerification(few), perVerification(many)];
  const ratios = UNITS.flatMap((unit) =>
    before[unit] === 0 && after[unit] === 0 ? [] : after[unit] / before[unit],
  );
  return Math.max(...ratios);
}
