/**
 * What went wrong where no answer tells of it: in the background, or caught by the Worker and only logged. Nothing
 * is meant to go wrong here, and what is counted while it does is no measurement.
 */
const faults = new Map<string, number>();

export function fault(what: unknown): void {
  const text = String(what instanceof Error ? what.stack : what);
  faults.set(text, (faults.get(text) ?? 0) + 1);
}

/** Throws when anything went wrong, with the first things that did. */
export function expectNoFaults(): void {
  if (faults.size === 0) return;
  const told = [...faults].slice(0, 5).map(([text, times]) => `${times} times: ${text}`);
  throw new Error(told.join("\n"));
}

console.warn = console.error = fault;
// A line for each request, and nobody to read it.
console.info = () => {};
