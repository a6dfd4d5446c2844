import { advance, type ConsentState, type ContactState, WINDOW_MS } from "./contact-state.ts";

/**
 * Merges two consent records of a user: the newest choice counts, and of two in the same second the opt-out.
 * Returns `current` itself when nothing changes.
 */
export function joinConsent(current: ConsentState, added: ConsentState): ConsentState {
  const choices = [current.choice, added.choice].filter((choice) => choice !== null);
  const [newest = null] = choices.sort((a, b) => b.at - a.at || Number(b.optedOut) - Number(a.optedOut));
  const wroteAt = Math.max(current.wroteAt ?? 0, added.wroteAt ?? 0);
  const joined: ConsentState = { choice: newest, wroteAt: wroteAt === 0 ? null : wroteAt };
  const isChanged = newest !== current.choice || joined.wroteAt !== current.wroteAt;
  return isChanged ? joined : current;
}

/** Advances the record to `now` and merges the consent stored elsewhere. */
export function withConsent(
  before: ContactState,
  formerConsent: ConsentState | null,
  now: number,
): ContactState {
  const state = advance(before, now);
  const consent = formerConsent === null ? state.consent : joinConsent(state.consent, formerConsent);
  return consent === state.consent ? state : advance({ ...state, consent }, now);
}

/** Whether two consent records say the same. */
export function isSameConsent(a: ConsentState, b: ConsentState): boolean {
  return (
    a.wroteAt === b.wroteAt && a.choice?.at === b.choice?.at && a.choice?.optedOut === b.choice?.optedOut
  );
}

/** Records that a user opted out in WhatsApp itself. */
export function optOut(state: ContactState, at: number): ContactState {
  const consent = joinConsent(state.consent, { choice: { optedOut: true, at }, wroteAt: null });
  return consent === state.consent ? state : { ...state, consent };
}

/** When the 24-hour window ends or ended; null when the user has not written. */
export function windowEnd({ wroteAt }: ConsentState): number | null {
  return wroteAt === null ? null : wroteAt + WINDOW_MS;
}
