import type { Random } from "../../world/random.ts";
import type { SentMessage } from "../history.ts";

/** The faults of a call to a provider. After those that end in `_after`, the provider has sent the message. */
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
export type ProviderFault = (typeof FAULTS)[number];

export interface ProviderAnswer {
  readonly status: number;
  readonly text: string;
}

/** Cloud API errors that mean that nothing was sent. */
const ERRORS: Partial<Record<ProviderFault, { readonly status: number; readonly code: number }>> = {
  busy: { status: 429, code: 131056 },
  overloaded: { status: 503, code: 131016 },
  too_fast: { status: 429, code: 130429 },
};

/** Longer than the Worker's timeout. */
export const HANG_MS = 15_000;

export function drawProviderFault(probability: number, random: Random): ProviderFault | null {
  return random.chance(probability) ? random.pick(FAULTS) : null;
}

/** Whether the provider receives the call. */
export function reachesProvider(fault: ProviderFault | null): boolean {
  return fault === null || fault === "slow" || fault.endsWith("_after");
}

/**
 * Whether a call that did not reach the provider counts as refused. The Cloud API refuses with an error code; of
 * an SMS gateway, the status is enough.
 */
export function isRefusal(fault: ProviderFault | null, channel: SentMessage["channel"]): boolean {
  return fault !== null && (ERRORS[fault] !== undefined || (channel === "sms" && fault === "error_page"));
}

/** @param answered The provider's own answer, when the call reached it. */
export function answerWith(fault: ProviderFault | null, answered: ProviderAnswer | null): ProviderAnswer {
  if (fault === "garbage" || fault === "garbage_after") return { status: 200, text: '{"messages": [{"id"' };
  if (fault === "error_page") return { status: 502, text: "<html><h1>Bad gateway</h1></html>" };
  if (answered !== null) return answered;
  const { status, code } = (fault !== null ? ERRORS[fault] : undefined) ?? { status: 500, code: 131000 };
  const error = { message: `(#${code}) Injected`, type: "OAuthException", code, fbtrace_id: "A" };
  return { status, text: JSON.stringify({ error }) };
}
