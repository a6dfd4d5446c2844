import {
  type ContactState,
  failed,
  find,
  isWaiting,
  leaseEnd,
  type Notification,
  put,
} from "../contact-state.ts";
import type { JobOutcome } from "../notification.ts";
import { isOptOut, WINDOW_CLOSED } from "../refusals.ts";
import { type Draft, hasRoom, newNotification, refusalOf } from "./accept.ts";
import { windowEnd, withConsent } from "./consent.ts";

export type ClaimOutcome =
  /** It is the asker's to send now, and nobody else's. */
  | { readonly kind: "send" }
  /** No free-form message may be sent; when that ended, null where the user is not known to have written. */
  | { readonly kind: "closed"; readonly endedAt: number | null }
  | JobOutcome;

/** How long a job waits for others to the same number. */
const BUSY_SECONDS = 30;

/**
 * Asked right before a send: is it still to be made? The notification stands in the record as taken before
 * anybody sends it, so that a job that comes again, for whatever reason, sends nothing while an earlier one
 * may be at it; and nothing at all once WhatsApp is known to have it.
 */
export function claim(
  before: ContactState,
  draft: Draft,
  now: number,
): { readonly state: ContactState; readonly outcome: ClaimOutcome } {
  const state = withConsent(before, draft.elsewhere, now);
  const known = find(state, draft.id);
  if (known !== undefined && !isWaiting(known)) return { state, outcome: outcomeOf(known) };
  if (known !== undefined && now < leaseEnd(known)) return { state, outcome: later(leaseEnd(known) - now) };
  if (known === undefined && !hasRoom(state)) return { state, outcome: later(BUSY_SECONDS * 1000) };

  const refusal = refusalOf(state.consent, draft, now);
  if (refusal === WINDOW_CLOSED && known === undefined) {
    return { state, outcome: { kind: "closed", endedAt: windowEnd(state.consent) } };
  }
  const notification = known ?? newNotification(draft, now);
  if (refusal !== null) {
    const refused = failed(notification, refusal, now);
    return { state: put(state, refused), outcome: outcomeOf(refused) };
  }
  return { state: put(state, { ...notification, takenAt: now }), outcome: { kind: "send" } };
}

/** What a notification that nobody has to send any more means to whoever holds its job. */
export function outcomeOf({ status, error }: Notification): JobOutcome {
  if (status !== "failed" || error === null) return { kind: "sent" };
  return isOptOut(error) ? { kind: "opted_out" } : { kind: "failed", error };
}

export function later(milliseconds: number): JobOutcome {
  return { kind: "later", delaySeconds: Math.max(1, Math.ceil(milliseconds / 1000)) };
}
