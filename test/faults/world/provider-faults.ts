import type { Sent } from "../history.ts";
import type { Random } from "../random.ts";

/** What can become of a call to a provider besides what it should; `_after` it has done what it was asked. */
const FAULTS = [
  "slow",
  "slow",
  "hang",
  "busy",
  "busy",
  "overloaded",
  "too_fast",
  "error_page",
  "garbage",
  "garbage_after",
  "close",
  "close_after",
] as const;
export type Fault = (typeof FAULTS)[number];

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Answers in Meta's shape by which nothing was sent. */
const ERRORS: Partial<Record<Fault, { readonly status: number; readonly code: number }>> = {
  busy: { status: 429, code: 131056 },
  overloaded: { status: 503, code: 131016 },
  too_fast: { status: 429, code: 130429 },
};

/** Longer than the Worker waits. */
export const HANG_MS = 15_000;

export function drawFault(probability: number, random: Random): Fault | null {
  return random.chance(probability) ? random.pick(FAULTS) : null;
}

/** Whether the provider gets to see the call. */
export function passes(fault: Fault | null): boolean {
  return fault === null || fault === "slow" || fault.endsWith("_after");
}

/** Whether a call that the provider did not see is certainly refused: an SMS gateway's status says enough. */
export function refuses(fault: Fault | null, channel: Sent["channel"]): boolean {
  return fault !== null && (ERRORS[fault] !== undefined || (channel === "sms" && fault === "error_page"));
}

/** @param answered What the provider said, where it saw the call. */
export function answerOf(fault: Fault | null, answered: Answer | null): Answer {
  if (fault === "garbage" || fault === "garbage_after") return { status: 200, text: '{"messages": [{"id"' };
  if (fault === "error_page") return { status: 502, text: "<html><h1>Bad gateway</h1></html>" };
  if (answered !== null) return answered;
  const { status, code } = (fault !== null ? ERRORS[fault] : undefined) ?? { status: 500, code: 131000 };
  const error = { message: `(#${code}) Injected`, type: "OAuthException", code, fbtrace_id: "A" };
  return { status, text: JSON.stringify({ error }) };
}
