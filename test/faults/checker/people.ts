import type { Call, History, WebhookPost } from "../history.ts";
import { waIdOf } from "../people.ts";
import type { Trace, Traces } from "./traces.ts";
import type { Violation } from "./violation.ts";

/**
 * Invariant 11: a person is one object. A start and a check find what is pending for another spelling of the number,
 * a tap finds its message by WhatsApp's id of the person, and STOP counts for every spelling.
 */
export function checkPeople(history: History, { all }: Traces): Violation[] {
  const alike = Map.groupBy(all.filter(isKnown), keyOf);
  const checks = Map.groupBy(history.calls.filter(isCheckByNumber), keyOfCall);
  const found: Violation[] = [];
  for (const [key, traces] of alike) {
    for (const trace of traces) {
      const starts = traces.flatMap(({ starts: [start] }) => start ?? []);
      const missed = [...starts, ...(checks.get(key) ?? [])].find(
        (call) => misses(call, trace) && !isOfStranger(call, history),
      );
      if (missed === undefined) continue;
      const description = `A ${missed.operation} for ${missed.dialled} missed the pending one of ${trace.starts[0]?.dialled}`;
      found.push({ invariant: 11, description, number: trace.number, id: trace.id });
    }
  }
  found.push(...notifiedAfterStop(history));
  return [...found, ...all.flatMap((trace) => deniedInVain(trace, history.webhooks))];
}

/** Its first start created it, so that what it is for is known. */
function isKnown({ starts: [first] }: Trace): boolean {
  return first?.status === 201;
}

function keyOf({ starts: [first] }: Trace): string {
  return first === undefined ? "" : keyOfCall(first);
}

/** What a start and a check by number have in common if they mean the same verification. */
function keyOfCall({ number, app, purpose, session }: Call): string {
  return JSON.stringify([number, app, purpose, session]);
}

function isCheckByNumber({ operation, kind, id, status }: Call): boolean {
  return operation === "check" && kind === "valid" && id === null && status === 200;
}

/**
 * Whether the Worker cannot know whose number a call dials: WhatsApp alone knows an Argentine person dialled without the
 * 9, and says so with the first message to that number.
 */
function isOfStranger({ dialled, startedAt }: Call, { calls }: History): boolean {
  if (!/^\+54(?!9)/.test(dialled ?? "")) return false;
  return !calls.some(
    (call) => call.dialled === dialled && call.status === 201 && call.endedAt.order < startedAt.order,
  );
}

/** Whether a request for another spelling got something else while the verification was pending. */
function misses(call: Call, { id, starts: [first], sightings }: Trace): boolean {
  if (first === undefined || call.dialled === first.dialled) return false;
  if (call.operation === "start" && (call.status !== 201 || call.bind !== first.bind)) return false;
  if (call.shown.some((shown) => shown.id === id)) return false;
  const isPending = sightings.filter(({ shown }) => shown.status === "pending");
  return (
    isPending.some((sighting) => sighting.call.endedAt.order < call.startedAt.order) &&
    isPending.some((sighting) => sighting.call.startedAt.order > call.endedAt.order)
  );
}

/** A tap under a message whose id the Worker knew, and which was acknowledged, has closed the verification. */
function deniedInVain(
  { id, number, messages, webhooks, sightings }: Trace,
  posts: readonly WebhookPost[],
): Violation[] {
  const ids = new Set(messages.flatMap(({ messageId }) => messageId ?? []));
  const known = webhooks.filter((webhook) => webhook.kind === "genuine" && isAcknowledged(webhook));
  const tap = posts.find(
    ({ kind, status, messageId, startedAt, ...post }) =>
      kind === "genuine" &&
      status === "denied" &&
      messageId !== null &&
      ids.has(messageId) &&
      isAcknowledged(post) &&
      known.some((webhook) => webhook.messageId === messageId && webhook.endedAt.order < startedAt.order),
  );
  const later = sightings.find(
    ({ call, shown }) =>
      tap !== undefined &&
      shown.status === "pending" &&
      call.idempotencyKey === null &&
      call.startedAt.order > tap.endedAt.order,
  );
  if (later === undefined) return [];
  const invariant = waIdOf(number) === number ? 6 : 11;
  return [{ invariant, description: "Still pending after its user had denied it", number, id }];
}

/** A user who wrote STOP gets no notifications, however their number is spelled. */
function notifiedAfterStop({ calls, webhooks }: History): Violation[] {
  const stops = webhooks.filter(
    ({ status, kind, ...post }) => status === "stop" && kind === "genuine" && isAcknowledged(post),
  );
  const sent = calls.filter(
    ({ operation, number, status, problem, startedAt }) =>
      operation === "notify" &&
      status === 202 &&
      problem === null &&
      stops.some((stop) => stop.number === number && stop.endedAt.order < startedAt.order),
  );
  return sent.map(({ number, dialled }) => {
    return { invariant: 11, description: `A notification to ${dialled} after STOP`, number, id: "" };
  });
}

function isAcknowledged({ responseStatus }: Pick<WebhookPost, "responseStatus">): boolean {
  return responseStatus === 200;
}
