import type { History, VerificationView, WebhookPost } from "../history.ts";
import type { Sighting, Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/** The order of a message's statuses; a failure yields to a later delivery. */
const RANK: Readonly<Record<string, number>> = { queued: 0, messages: 1, failed: 2, delivered: 3, read: 4 };

/** Invariant 6: forged webhooks change nothing; every acknowledged genuine one counts, in any order. */
export function checkUpdates(history: History, { all }: Traces): Violation[] {
  const believed = history.webhooks
    .filter(
      ({ kind, responseStatus }) => kind === "forged" && responseStatus !== null && responseStatus !== 401,
    )
    .map(({ number, reference, status, responseStatus }) => {
      const description = `A forged webhook (${status}) responded ${responseStatus}`;
      return { invariant: 6, description, number, id: reference?.split(".")[0] ?? "" };
    });
  const taps = new Set(
    history.webhooks
      .filter(({ status, kind }) => status === "denied" && kind === "genuine")
      .map(({ number }) => number),
  );
  return [...believed, ...all.flatMap((trace) => [...messagesOf(trace), ...denialOf(trace, taps)])];
}

function denialOf({ id, number, final }: Trace, taps: ReadonlySet<string>): Violation[] {
  if (final?.reason !== "denied_by_user" || taps.has(number)) return [];
  return [{ invariant: 6, description: "Denied by its user, who denied nothing", number, id }];
}

function messagesOf(trace: Trace): Violation[] {
  const { id, number, final } = trace;
  const ordinals = final?.messages.keys() ?? [];
  return [...ordinals].flatMap((ordinal) => {
    const reference = `${id}.${ordinal}`;
    const webhooks = trace.webhooks.filter(
      ({ kind, reference: named }) => kind === "genuine" && named === reference,
    );
    const fault =
      sightingFault(trace.sightings, webhooks, ordinal) ??
      finalFault(trace, webhooks, final?.messages[ordinal], ordinal);
    return fault === null ? [] : [{ invariant: 6, description: `Message ${ordinal} ${fault}`, number, id }];
  });
}

/** An update that was acknowledged before a request is in its response, whatever was killed in between. */
function sightingFault(
  sightings: readonly Sighting[],
  webhooks: readonly WebhookPost[],
  ordinal: number,
): string | null {
  for (const { call, shown } of sightings) {
    const status = shown.messages[ordinal]?.status;
    // A repeated request repeats the first response.
    if (status === undefined || call.idempotencyKey !== null) continue;
    const acknowledged = webhooks.filter(
      ({ endedAt, responseStatus }) => isAcknowledged(responseStatus) && endedAt.order < call.startedAt.order,
    );
    const known = furthest(acknowledged);
    if (rankOf(status) < rankOf(known)) return `was ${status} after ${known} had been acknowledged`;
  }
  return null;
}

/** After the run has settled, all webhooks are acknowledged, and the furthest update is the final status. */
function finalFault(
  { messages }: Trace,
  webhooks: readonly WebhookPost[],
  message: VerificationView["messages"][number] | undefined,
  ordinal: number,
): string | null {
  if (message === undefined) return null;
  const reached = furthest(webhooks);
  const tries = messages.filter(({ reference }) => reference.endsWith(`.${ordinal}`));
  // Refused by the provider, or by the Worker while its circuit breaker is open.
  const mayHaveFailed = tries.length === 0 || tries.some(({ outcome }) => outcome === "refused");
  const expected = mayHaveFailed && rankOf(reached) < rankOf("failed") ? [reached, "failed"] : [reached];
  return expected.includes(message.status)
    ? null
    : `ended as ${message.status}, not ${expected.join(" or ")}`;
}

function furthest(webhooks: readonly WebhookPost[]): string {
  return webhooks.reduce((best, { status }) => (rankOf(status) > rankOf(best) ? status : best), "queued");
}

function rankOf(status: string): number {
  return RANK[status] ?? 0;
}

function isAcknowledged(responseStatus: number | null): boolean {
  return responseStatus === 200 || responseStatus === 204;
}
