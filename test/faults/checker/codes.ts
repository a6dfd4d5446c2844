import type { Call, History } from "../history.ts";
import { MAX_ATTEMPTS } from "../world/settings.ts";
import { mayBeRight, type Sighting, type Stories, type Story } from "./stories.ts";
import type { Violation } from "./violation.ts";

/** 1: a code is accepted at most once, and nothing that has closed changes any more. */
export function acceptedOnce(stories: Stories): Violation[] {
  return stories.all.flatMap((story) => {
    const about = { invariant: 1, number: story.number, id: story.id };
    const approvals = story.attempts.filter(({ fate }) => fate === "approved");
    const found: Violation[] = [];
    if (approvals.length > 1) found.push({ ...about, says: `A code was accepted ${approvals.length} times` });
    const isApproved = [story.final, ...story.sightings.map(({ shown }) => shown)].some(
      (shown) => shown?.status === "approved",
    );
    const mayHaveApproved = story.attempts.some(
      (attempt) =>
        (attempt.fate === "unknown" || attempt.fate === "approved") && mayBeRight(attempt, stories),
    );
    if (isApproved && !mayHaveApproved)
      found.push({ ...about, says: "Approved though nobody gave the code" });
    const reopened = changesAfterwards(story.sightings, ({ shown }) =>
      shown.status === "pending" ? null : `${shown.status} ${shown.reason}`,
    );
    if (reopened !== null)
      found.push({ ...about, says: `Closed as ${reopened[0]}, then seen as ${reopened[1]}` });
    return found;
  });
}

/** 2: no attempt is ever given back, and every one is charged. */
export function attemptsCharged(history: History, stories: Stories): Violation[] {
  const notFound = Map.groupBy(history.calls.filter(isMissing), ({ id }) => id);
  return stories.all.flatMap((story) => {
    const about = { invariant: 2, number: story.number, id: story.id };
    const found: Violation[] = [];
    const rise = riseOf(story.sightings);
    if (rise !== null) {
      found.push({ ...about, says: `attempts_remaining rose from ${rise[0]} to ${rise[1]}` });
    }
    const gone = firstMissing(story, notFound.get(story.id) ?? []);
    if (gone !== undefined) found.push({ ...about, says: `A ${gone.verb} did not find it any more` });
    const left = story.attempts.flatMap(({ fate, shown }) =>
      fate === "wrong" || fate === "approved" ? [shown?.attempts_remaining] : [],
    );
    if (new Set(left).size < left.length) {
      found.push({ ...about, says: `Attempts that cost nothing: each left ${left.join(", ")}` });
    }
    const most = MAX_ATTEMPTS[story.purpose] ?? 0;
    if (left.length > most)
      found.push({ ...about, says: `${left.length} attempts were made, ${most} are allowed` });
    return found;
  });
}

/** What an answer has shown once is there for a day, whatever happens to the Worker. */
function firstMissing({ sightings }: Story, notFound: readonly Call[]): Call | undefined {
  // A check by number shows something that looks like a verification where there is none.
  const sure = sightings.filter(({ call }) => call.verb !== "check" || call.id !== null);
  const firstSeen = Math.min(...sure.map(({ call }) => call.over.order));
  return notFound.find(({ asked }) => asked.order > firstSeen);
}

function isMissing({ manner, verb, status }: Call): boolean {
  // A resend of what has closed is not found either.
  return manner === "lawful" && status === 404 && verb !== "resend";
}

/** The first value that an answer showed and a later call's answer did not; null values are not final yet. */
function changesAfterwards(
  sightings: readonly Sighting[],
  read: (sighting: Sighting) => string | null,
): readonly [string, string | null] | null {
  let known: string | null = null;
  for (const [sighting, past] of inOrder(sightings)) {
    known ??= past.map(read).find((value) => value !== null) ?? null;
    const value = read(sighting);
    if (known !== null && value !== known) return [known, value];
  }
  return null;
}

function riseOf(sightings: readonly Sighting[]): readonly [number, number] | null {
  let least = Number.POSITIVE_INFINITY;
  for (const [{ shown }, past] of inOrder(sightings)) {
    least = Math.min(least, ...past.map((one) => one.shown.attempts_remaining));
    if (shown.attempts_remaining > least) return [least, shown.attempts_remaining];
  }
  return null;
}

/**
 * Each sighting as it was asked for, with those that had been answered by then and not before the one before.
 * A repeat under an idempotency key is told what was true at the time, and proves nothing.
 */
function* inOrder(sightings: readonly Sighting[]): Generator<readonly [Sighting, readonly Sighting[]]> {
  const fresh = sightings.filter(({ call }) => call.idempotencyKey === null);
  const byAnswer = fresh.toSorted((a, b) => a.call.over.order - b.call.over.order);
  let seen = 0;
  for (const sighting of fresh.toSorted((a, b) => a.call.asked.order - b.call.asked.order)) {
    const from = seen;
    const asked = sighting.call.asked.order;
    while ((byAnswer[seen]?.call.over.order ?? asked) < asked) seen += 1;
    yield [sighting, byAnswer.slice(from, seen)];
  }
}

/** The fewest attempts that lawful checks can have left by the time of a sighting. */
export function fewestLeft(story: Story, { call }: Sighting): number {
  const charged = story.attempts.filter(
    (attempt) => attempt.fate !== "idle" && attempt.call.asked.order < call.over.order,
  );
  return Math.max(0, (MAX_ATTEMPTS[story.purpose] ?? 0) - charged.length);
}
