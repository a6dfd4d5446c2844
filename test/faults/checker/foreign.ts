import type { Call, History } from "../history.ts";
import type { Violation } from "./violation.ts";

/**
 * Invariant 6: webhooks that are not ours, or are old, are acknowledged, so that Meta does not repeat them, and stop
 * no sends.
 * That they change no message is part of the check of updates, which does not count them.
 */
export function checkForeign({ calls, messages, webhooks }: History): Violation[] {
  const foreign = webhooks.filter(({ kind }) => kind === "foreign" || kind === "stray");
  const refused = foreign.filter(
    ({ responseStatus }) => responseStatus !== null && responseStatus !== 200 && responseStatus < 500,
  );
  const found: Violation[] = refused.map(({ kind, number, status, responseStatus }) => ({
    invariant: 6,
    description: `A ${kind} webhook (${status}) responded ${responseStatus}, not 200`,
    number,
    id: "",
  }));
  const [first] = foreign;
  // Errors of the provider stop sends as well.
  if (first === undefined || messages.some(({ outcome }) => outcome !== "accepted")) return found;
  const stopped = calls.find((call) => isStopped(call) && call.startedAt.order > first.endedAt.order);
  if (stopped === undefined) return found;
  const { operation, problem, number } = stopped;
  const description = `A ${operation} was refused (${problem?.code}) after a ${first.kind} webhook`;
  return [...found, { invariant: 6, description, number, id: "" }];
}

function isStopped({ kind, problem }: Call): boolean {
  return kind === "valid" && (problem?.code === "channel_unavailable" || problem?.code === "channel_failed");
}
