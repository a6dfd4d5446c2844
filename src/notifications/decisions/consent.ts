import { advance, type ConsentState, type ContactState, WINDOW_MS } from "../contact-state.ts";

/** Joins what is known of a user in two places: the newest of each stands, and of two words in one second STOP. */
export function joinConsent(one: ConsentState, other: ConsentState): ConsentState {
  const wishes = [one.choice, other.choice].filter((wish) => wish !== null);
  const [newest = null] = wishes.sort((a, b) => b.at - a.at || Number(b.optedOut) - Number(a.optedOut));
  const wroteAt = Math.max(one.wroteAt ?? 0, other.wroteAt ?? 0);
  const joined: ConsentState = { choice: newest, wroteAt: wroteAt === 0 ? null : wroteAt };
  const isNews = newest !== one.choice || joined.wroteAt !== one.wroteAt;
  return isNews ? joined : one;
}

/** The present record, with what is known of the user elsewhere. */
export function withConsent(before: ContactState, elsewhere: ConsentState | null, now: number): ContactState {
  const state = advance(before, now);
  const standing = elsewhere === null ? state.consent : joinConsent(state.consent, elsewhere);
  return standing === state.consent ? state : advance({ ...state, consent: standing }, now);
}

/** Remembers that a user stopped messages in WhatsApp itself. */
export function optOut(state: ContactState, at: number): ContactState {
  const standing = joinConsent(state.consent, { choice: { optedOut: true, at }, wroteAt: null });
  return standing === state.consent ? state : { ...state, consent: standing };
}

/** When free-form messages end, or ended; null where no message of the user's is known. */
export function windowEnd({ wroteAt }: ConsentState): number | null {
  return wroteAt === null ? null : wroteAt + WINDOW_MS;
}
