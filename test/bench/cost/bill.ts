import {
  ASSUMED_AWAKE_MS,
  CPU_USD_PER_MILLION_MS,
  OBJECT_USD_PER_MILLION_MS,
  USD_PER_MILLION,
} from "./prices.ts";
import { type Counts, UNITS, type Unit } from "./protocol.ts";
import type { Measured } from "./world.ts";

/** What one verification takes of each unit. */
export type PerVerification = Readonly<Record<Unit, number>>;

/** Where the CPU's time cannot be read: for one request, and more than any takes. */
const ASSUMED_CPU_MS = 5;

export function perVerification({ counts, numbers }: Measured): PerVerification {
  const entries = UNITS.map((unit) => [unit, total(counts, unit) / numbers]);
  return Object.fromEntries(entries) as PerVerification;
}

/** What a million verifications cost, in US dollars, by what is charged. */
export function bill(measured: Measured): Readonly<Record<Unit | "cpu" | "duration", number>> {
  const each = perVerification(measured);
  const waitedMs = sum(Object.values(measured.counts.object_waited_ms ?? {})) / measured.numbers;
  const awakeMs = each.object_requests * ASSUMED_AWAKE_MS + waitedMs;
  const usd = UNITS.map((unit) => [unit, each[unit] * USD_PER_MILLION[unit]]);
  return {
    ...(Object.fromEntries(usd) as PerVerification),
    cpu: cpuMsOf(measured) * CPU_USD_PER_MILLION_MS,
    duration: awakeMs * OBJECT_USD_PER_MILLION_MS,
  };
}

/** Of one verification, in milliseconds. */
export function cpuMsOf(measured: Measured): number {
  const { cpuMs, numbers } = measured;
  return cpuMs === null ? perVerification(measured).worker_requests * ASSUMED_CPU_MS : cpuMs / numbers;
}

export function sum(values: Iterable<number>): number {
  return [...values].reduce((a, b) => a + b, 0);
}

/** By how much the unit that grows most has grown: 1 where none does. */
export function growth(few: Measured, many: Measured): number {
  const [before, after] = [perVerification(few), perVerification(many)];
  const ratios = UNITS.flatMap((unit) =>
    before[unit] === 0 && after[unit] === 0 ? [] : after[unit] / before[unit],
  );
  return Math.max(...ratios);
}

function total(counts: Counts, unit: Unit): number {
  return sum(Object.values(counts[unit] ?? {}));
}
