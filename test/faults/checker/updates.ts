import type { History, News, Shown } from "../history.ts";
import type { Sighting, Stories, Story } from "./stories.ts";
import type { Violation } from "./violation.ts";

/** The order in which a message's story goes forward; a failure yields to a sign of life. */
const RANK: Readonly<Record<string, number>> = { queued: 0, sent: 1, failed: 2, delivered: 3, read: 4 };

/** 6: forged webhooks change nothing; of the others every one counts, once it was acknowledged, in any order. */
export function updatesApplied(history: History, { all }: Stories): Violation[] {
  const believed = history.news
    .filter(({ forged, answer }) => forged && answer !== null && answer !== 401)
    .map(({ number, reference, status, answer }) => {
      const says = `A forged webhook (${status}) was answered ${answer}`;
      return { invariant: 6, says, number, id: reference?.split(".")[0] ?? "" };
    });
  const taps = new Set(
    history.news.filter(({ status, forged }) => status === "denied" && !forged).map(({ number }) => number),
  );
  return [...believed, ...all.flatMap((story) => [...messagesOf(story), ...denialOf(story, taps)])];
}

function denialOf({ id, number, final }: Story, taps: ReadonlySet<string>): Violation[] {
  if (final?.reason !== "denied_by_user" || taps.has(number)) return [];
  return [{ invariant: 6, says: "Denied by its user, who denied nothing", number, id }];
}

function messagesOf(story: Story): Violation[] {
  const { id, number, final } = story;
  const ordinals = final?.messages.keys() ?? [];
  return [...ordinals].flatMap((ordinal) => {
    const reference = `${id}.${ordinal}`;
    const news = story.news.filter((one) => !one.forged && one.reference === reference);
    const fault =
      sightingFault(story.sightings, news, ordinal) ??
      finalFault(story, news, final?.messages[ordinal], ordinal);
    return fault === null ? [] : [{ invariant: 6, says: `Message ${ordinal} ${fault}`, number, id }];
  });
}

/** What was acknowledged before somebody asked is in the answer, whatever was killed in between. */
function sightingFault(
  sightings: readonly Sighting[],
  news: readonly News[],
  ordinal: number,
): string | null {
  for (const { call, shown } of sightings) {
    const status = shown.messages[ordinal]?.status;
    // The answer to a repeated request is the first one's.
    if (status === undefined || call.idempotencyKey !== null) continue;
    const acknowledged = news.filter(({ over, answer }) => isTaken(answer) && over.order < call.asked.order);
    const known = furthest(acknowledged);
    if (rankOf(status) < rankOf(known)) return `was ${status} after ${known} had been acknowledged`;
  }
  return null;
}

/** In the end all webhooks have been taken, and the furthest of them stands. */
function finalFault(
  { sent }: Story,
  news: readonly News[],
  message: Shown["messages"][number] | undefined,
  ordinal: number,
): string | null {
  if (message === undefined) return null;
  const told = furthest(news);
  const tries = sent.filter(({ reference }) => reference.endsWith(`.${ordinal}`));
  // Refused by the provider, or by the Worker itself while the provider rests.
  const mayHaveFailed = tries.length === 0 || tries.some(({ outcome }) => outcome === "refused");
  const expected = mayHaveFailed && rankOf(told) < rankOf("failed") ? [told, "failed"] : [told];
  return expected.includes(message.status)
    ? null
    : `ended as ${message.status}, not ${expected.join(" or ")}`;
}

function furthest(news: readonly News[]): string {
  return news.reduce((best, { status }) => (rankOf(status) > rankOf(best) ? status : best), "queued");
}

function rankOf(status: string): number {
  return RANK[status] ?? 0;
}

function isTaken(answer: number | null): boolean {
  return answer === 200 || answer === 204;
}
