import { toIso } from "../../platform/time.ts";
import type { Answer } from "../graph.ts";
import type { Evidence, Fault, Result } from "./check.ts";

export function ok(sentence: string, evidence?: Evidence): Result {
  return evidence === undefined ? { state: "ok", sentence } : { state: "ok", sentence, evidence };
}

export function failed(fault: Omit<Fault, "state">): Result {
  return Object.assign({ state: "failed" as const }, fault);
}

export function warning(fault: Omit<Fault, "state">): Result {
  return Object.assign({ state: "warning" as const }, fault);
}

/** What is not known, because Meta did not answer or does not tell. */
export function unknown(answer: Exclude<Answer<unknown>, { kind: "answered" }> | string): Result {
  if (typeof answer === "string") return { state: "unknown", sentence: answer };
  if (answer.kind === "silent") return { state: "unknown", sentence: `${answer.reason}.` };
  const { code, subcode } = answer.error;
  const codes = subcode === null ? `${code}` : `${code}, subcode ${subcode}`;
  return { state: "unknown", sentence: `Meta does not tell it to this token (code ${codes}).` };
}

/** The value of an answer; null for any other. */
export function told<T>(answer: Answer<T>): T | null {
  return answer.kind === "answered" ? answer.value : null;
}

/** The day of a time, as in `2027-01-21`. */
export function dayOf(time: number): string {
  return toIso(time).slice(0, 10);
}

/** A time of day in UTC, as in `14:02 UTC`. */
export function clockTime(time: number): string {
  return `${toIso(time).slice(11, 16)} UTC`;
}

/** A list in a sentence, as in `a, b and c`, or `a, b and 7 more`. */
export function listed(items: readonly string[], most = 4): string {
  const shown = items.length > most ? items.slice(0, most - 1) : items;
  const rest = items.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  const last = parts.at(-1) ?? "";
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

/** A status of Meta as words, as in `in review` for `PENDING_REVIEW`. */
export function inWords(status: string | null): string {
  return status === null ? "unknown" : status.toLowerCase().replaceAll("_", " ");
}
