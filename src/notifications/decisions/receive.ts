import { type ConsentState, type ContactState, WINDOW_MS } from "../contact-state.ts";
import type { Word } from "../opt-out-words.ts";
import { type AcceptCommand, accept } from "./accept.ts";
import { windowEnd, withConsent } from "./consent.ts";

/** A user's own message. */
export interface ReceivedCommand {
  readonly at: number;
  readonly says: Word | null;
  /** What the number's object under a former key knows of the user; null outside a rotation of keys. */
  readonly elsewhere: ConsentState | null;
  /** What to answer when this message opens a window; null for nothing. */
  readonly firstReply: AcceptCommand | null;
}

/**
 * Takes in a message of the user's, in any order and however often it comes: their window, their word, and the
 * answer to whoever opens a new window and wants messages.
 */
export function receive(
  before: ContactState,
  { at, says, elsewhere, firstReply }: ReceivedCommand,
  now: number,
): { readonly state: ContactState; readonly outcome: undefined } {
  const former = withConsent(before, elsewhere, now);
  const wish = says === null ? null : { optedOut: says === "stop", at };
  const state = withConsent(former, { choice: wish, wroteAt: at }, now);
  const opens = at >= (windowEnd(former.consent) ?? at) && now < at + WINDOW_MS;
  const isWelcome = opens && state.consent.choice?.optedOut !== true;
  return {
    state: isWelcome && firstReply !== null ? accept(state, firstReply, now).state : state,
    outcome: undefined,
  };
}
