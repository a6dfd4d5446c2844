import type { Counted, Counts } from "../protocol.ts";

const counts = new Map<Counted, Map<string, number>>();

/** @param source What caused it, as the report names it. */
export function count(unit: Counted, source: string, amount = 1): void {
  const sources = counts.get(unit) ?? new Map<string, number>();
  counts.set(unit, sources.set(source, (sources.get(source) ?? 0) + amount));
}

let running = "objects";

/** What runs now: a handler of the Worker, as {@link runHandler} names it, or an object's alarm. */
export function handler(): string {
  return running;
}

/** Runs a handler. One runs at a time, and its background work with it. */
export async function runHandler<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  running = name;
  const result = await run();
  running = "objects";
  return result;
}

/** The sum over all sources that begin with a prefix. */
export function total(unit: Counted, prefix: string): number {
  const sources = [...(counts.get(unit) ?? [])].filter(([source]) => source.startsWith(prefix));
  return sources.reduce((sum, [, amount]) => sum + amount, 0);
}

export function allCounts(): Counts {
  return Object.fromEntries([...counts].map(([unit, sources]) => [unit, Object.fromEntries(sources)]));
}

/** Discards what was counted while the run was set up. */
export function resetCounts(): void {
  counts.clear();
}

/**
 * Errors that reach no response: in the background, or caught by the Worker and logged. None is expected, and
 * counts taken while one occurs are not a measurement.
 */
const errors = new Map<string, number>();

export function recordError(error: unknown): void {
  const text = String(error instanceof Error ? error.stack : error);
  errors.set(text, (errors.get(text) ?? 0) + 1);
}

/** @throws when an error was recorded, with the first five */
export function expectNoErrors(): void {
  if (errors.size === 0) return;
  const first = [...errors].slice(0, 5).map(([text, times]) => `${times} times: ${text}`);
  throw new Error(first.join("\n"));
}

/** The path with a fallback plays these failures, and the Worker logs them. */
const EXPECTED = "WhatsApp reported messages as failed";

console.warn = (line: unknown) => {
  if (String(line).includes(EXPECTED)) countLine(line);
  else recordError(line);
};
console.error = recordError;
console.info = countLine;

/** The platform bills lines of the log; the rest of what they say is discarded. */
function countLine(line: unknown): void {
  count("log_lines", (JSON.parse(String(line)) as { readonly message: string }).message);
}
