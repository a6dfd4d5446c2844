import type { Call, History } from "../history.ts";
import { isUntouchable } from "../secrets.ts";
import { fewestLeft } from "./codes.ts";
import type { Stories, Story } from "./stories.ts";
import type { Violation } from "./violation.ts";

/** 8 and 9: whoever may not gets nowhere, whatever they say; whoever says it wrong is told what, and nothing happens. */
export function gatesHeld(history: History, { all }: Stories): Violation[] {
  const refused = history.calls.flatMap((call) => {
    const fault = call.manner === "mistaken" ? mistakeFault(call) : trespassFault(call);
    if (fault === null) return [];
    const invariant = call.manner === "mistaken" ? 9 : 8;
    return [
      { invariant, says: `${call.manner} ${call.verb}: ${fault}`, number: call.number, id: call.id ?? "" },
    ];
  });
  const reached = history.sent
    .filter(({ number }) => isUntouchable(number))
    .map(({ number, reference }) => {
      const calls = history.calls.filter((call) => call.number === number);
      const says = `A message went to ${number}, which no lawful call names`;
      return { invariant: blame(calls), says, number, id: reference.split(".")[0] ?? "" };
    });
  const canceled = new Set(history.calls.filter(mayHaveCanceled).map(({ id }) => id));
  return [...refused, ...reached, ...all.flatMap((story) => effectsOn(story, canceled))];
}

function trespassFault({ manner, status }: Call): string | null {
  if (manner === "lawful") return null;
  const expected = manner === "unscoped" ? 403 : 401;
  // A key that has to be looked up cannot be while KV is down: then nobody knows.
  const isNobodySure = status === null || (manner !== "stranger" && status >= 500);
  return status === expected || isNobodySure ? null : `answered ${status}, not ${expected}`;
}

function mistakeFault({ status, problem, faults }: Call): string | null {
  if (status === null) return null;
  if (status < 400 || status >= 500) return `answered ${status}`;
  if (problem === null) return "answered with no problem";
  const unnamed = faults.filter((pointer) => !problem.pointers.includes(pointer));
  return unnamed.length === 0 ? null : `${problem.code} does not name ${unnamed.join(", ")}`;
}

/** What no lawful call explains. */
function effectsOn(story: Story, canceled: ReadonlySet<string | null>): Violation[] {
  const about = { invariant: blame(story.trespasses), number: story.number, id: story.id };
  const found: Violation[] = [];
  const charged = story.sightings.find(
    (sighting) => sighting.shown.attempts_remaining < fewestLeft(story, sighting),
  );
  if (charged !== undefined) {
    found.push({
      ...about,
      says: `Only ${charged.shown.attempts_remaining} attempts left, more than were made`,
    });
  }
  const isCanceled = story.final?.status === "canceled" && story.final.reason === null;
  if (isCanceled && !canceled.has(story.id)) {
    found.push({ ...about, says: "Canceled though nobody who may has canceled it" });
  }
  return found;
}

function mayHaveCanceled({ verb, manner, status }: Call): boolean {
  const isRefused = status !== null && status >= 400 && status < 500;
  return verb === "cancel" && manner === "lawful" && !isRefused;
}

/** Whose doing it may have been. */
function blame(calls: readonly Call[]): 8 | 9 {
  const isOpen = ({ manner, status }: Call) =>
    manner !== "mistaken" && manner !== "lawful" && (status ?? 0) < 300;
  return calls.some(isOpen) ? 8 : 9;
}
