import { advance, type ContactState, type Standing, WINDOW_MS } from "../contact-state.ts";

/** Joins what is known of a user in two places: the newest of each stands, and of two words in one second STOP. */
export function join(one: Standing, other: Standing): Standing {
  const wishes = [one.wish, other.wish].filter((wish) => wish !== null);
  const [newest = null] = wishes.sort((a, b) => b.at - a.at || Number(b.optedOut) - Number(a.optedOut));
  const wroteAt = Math.max(one.wroteAt ?? 0, other.wroteAt ?? 0);
  const joined: Standing = { wish: newest, wroteAt: wroteAt === 0 ? null : wroteAt };
  const isNews = newest !== one.wish || joined.wroteAt !== one.wroteAt;
  return isNews ? joined : one;
}

/** The present record, with what is known of the user elsewhere. */
export function present(before: ContactState, elsewhere: Standing | null, now: number): ContactState {
  const state = advance(before, now);
  const standing = elsewhere === null ? state.standing : join(state.standing, elsewhere);
  return standing === state.standing ? state : advance({ ...state, standing }, now);
}

/** Remembers that a user stopped messages in WhatsApp itself. */
export function optOut(state: ContactState, at: number): ContactState {
  const standing = join(state.standing, { wish: { optedOut: true, at }, wroteAt: null });
  return standing === state.standing ? state : { ...state, standing };
}

/** When free-form messages end, or ended; null where no message of the user's is known. */
export function windowEnd({ wroteAt }: Standing): number | null {
  return wroteAt === null ? null : wroteAt + WINDOW_MS;
}
