import type { Call, History, Moment, SentMessage, VerificationView, WebhookPost } from "../history.ts";
import type { Violation } from "./violation.ts";

/** The last lines matter most. */
const MAX_LINES = 40;

type Entry = readonly [Moment, string];

/** Everything that happened to the verification of a violation, or else to its number, in order. */
export function evidence(history: History, { number, id }: Violation): readonly string[] {
  if (number === "" && id === "") return [];
  const mayConcern = (call: Call) =>
    id === ""
      ? call.number === number
      : call.id === id || call.shown.some((shown) => shown.id === id) || isByNumber(call, number);
  const concerns = (at: { readonly number: string; readonly reference: string | null }) =>
    id === "" ? at.number === number : (at.reference?.startsWith(id) ?? at.number === number);
  const lines: Entry[] = [
    ...history.calls.filter(mayConcern).map((call) => formatCall(call, id)),
    ...history.messages.filter(concerns).map(formatMessage),
    ...history.webhooks.filter(concerns).map(formatWebhook),
  ];
  lines.sort(([a], [b]) => a.order - b.order);
  const last = lines.slice(-MAX_LINES);
  return last.flatMap(([moment, text], place) => {
    const before = place === 0 ? moment.order : (last[place - 1]?.[0].order ?? 0);
    const between = (moments: readonly Moment[]) =>
      moments.filter(({ order }) => order > before && order < moment.order).length;
    const [kills, evictions] = [between(history.kills), between(history.evictions)];
    const connection = `${moment.order} ${new Date(moment.ms).toISOString().slice(14, 23)} ${text}`;
    return kills + evictions === 0
      ? [connection]
      : [`-- killed ${kills} times, evicted ${evictions} times`, connection];
  });
}

/** A request by number without a response may concern any verification of the number. */
function isByNumber(call: Call, number: string): boolean {
  return call.number === number && call.id === null && call.shown.length === 0;
}

function formatCall(call: Call, id: string): Entry {
  const { startedAt, endedAt, operation, kind, code, bind, status, shown, problem, idempotencyKey } = call;
  const request = [kind, operation, call.id ?? "by number", code, bind, idempotencyKey].filter(
    (part) => part !== null,
  );
  const seen = shown.filter((view) => id === "" || view.id === id).map(formatView);
  const answer = [status ?? "no response", problem?.code ?? "", problem?.pointers.join(" ") ?? "", ...seen];
  return [startedAt, `to ${endedAt.order}: ${request.join(" ")} -> ${answer.join(" ")}`];
}

function formatView({
  id,
  status,
  reason,
  valid,
  attempts_remaining: left,
  messages,
}: VerificationView): string {
  const statuses = messages.map((message) => message.status).join(" ");
  return `[${id} ${status} ${reason ?? ""} valid=${valid ?? "-"} left=${left} messages: ${statuses}]`;
}

function formatMessage({ at, channel, reference, code, outcome }: SentMessage): Entry {
  return [at, `${channel} ${reference} with ${code}: ${outcome}`];
}

function formatWebhook({ startedAt, endedAt, reference, status, kind, responseStatus }: WebhookPost): Entry {
  const what = `${kind} webhook ${status} ${reference ?? "(a tap)"}`;
  return [startedAt, `to ${endedAt.order}: ${what} -> ${responseStatus ?? "no response"}`];
}
