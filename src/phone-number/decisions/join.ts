import { advance, type PhoneState } from "../phone-state.ts";
import { MOST_KNOWN } from "./known.ts";
import { MOST_SENDS } from "./send-windows.ts";

/** What counts on a person, under whichever of their numbers it happened. */
export type NumberHistory = Pick<
  PhoneState,
  "sends" | "known" | "pairHold" | "purposeFailures" | "consecutiveFailures" | "lockedUntil" | "denials"
>;

/** The part of a record that moves with its person. */
export function historyOf(state: PhoneState): NumberHistory {
  const { sends, known, pairHold, purposeFailures, consecutiveFailures, lockedUntil, denials } = state;
  return { sends, known, pairHold, purposeFailures, consecutiveFailures, lockedUntil, denials };
}

/**
 * Takes in what was recorded under another number of the same person: sends and denials of both count, networks and
 * devices of both are known, and of failures, locks and holds the stricter ones apply. Without it a second spelling
 * would give a guesser another allowance, and would leave the owner without the part of the windows that is kept for
 * them. Joining the same history again changes nothing, because a crash can repeat it.
 */
export function joinHistory(
  before: PhoneState,
  history: NumberHistory,
  now: number,
): { readonly state: PhoneState; readonly outcome: undefined } {
  const state = advance(before, now);
  const holds = [state.pairHold, history.pairHold].filter((hold) => hold !== null);
  const joined: NumberHistory = {
    sends: union(state.sends, history.sends, ({ at, id }) => `${at} ${id}`).slice(-MOST_SENDS),
    known: union(state.known, history.known, ({ tag }) => tag).slice(-MOST_KNOWN),
    denials: union(state.denials, history.denials, ({ tapId }) => tapId),
    pairHold: holds.toSorted((a, b) => a.until - b.until).at(-1) ?? null,
    purposeFailures: joinFailures(state.purposeFailures, history.purposeFailures),
    consecutiveFailures: Math.max(state.consecutiveFailures, history.consecutiveFailures),
    lockedUntil: Math.max(state.lockedUntil, history.lockedUntil),
  };
  return { state: { ...state, ...joined }, outcome: undefined };
}

/** The entries of both in the order of their times; of two with one key, the later. */
function union<Entry extends { readonly at: number }>(
  here: readonly Entry[],
  there: readonly Entry[],
  keyOf: (entry: Entry) => string,
): readonly Entry[] {
  const ordered = [...here, ...there].toSorted((a, b) => a.at - b.at);
  const byKey = new Map(ordered.map((entry) => [keyOf(entry), entry]));
  return [...byKey.values()].toSorted((a, b) => a.at - b.at);
}

function joinFailures(
  here: PhoneState["purposeFailures"],
  there: PhoneState["purposeFailures"],
): PhoneState["purposeFailures"] {
  const byPurpose = Map.groupBy([...here, ...there], ({ purpose }) => purpose);
  return [...byPurpose].map(([purpose, entries]) => ({
    purpose,
    failures: Math.max(...entries.map(({ failures }) => failures)),
    blockedUntil: Math.max(...entries.map(({ blockedUntil }) => blockedUntil)),
  }));
}
