import { advance, type Denial, type PhoneState, replace } from "../phone-state.ts";
import type { Attribution } from "../verification.ts";
import { close } from "../verification.ts";

export interface DenyCommand {
  /** WhatsApp's id of the tap. */
  readonly of: string;
  /** Of the message under which the owner tapped. */
  readonly providerMessageId: string | null;
}

/** Who has bothered the number's owner; null where that is not known, or was told before. */
export type DenyOutcome = Attribution | null;

/** Longer lists than any limit needs would only let a stranger fill the record. */
const KEPT_DENIALS = 10;

/**
 * The number's owner tapped "I didn't request a code" under a message: whoever did request it gets no
 * further with it. By the message's id at its provider; where that is not known yet, the newest pending
 * verification is meant.
 */
export function deny(
  before: PhoneState,
  { of, providerMessageId }: DenyCommand,
  now: number,
): { readonly state: PhoneState; readonly outcome: DenyOutcome } {
  const advanced = advance(before, now);
  if (advanced.denials.some((denial) => denial.of === of)) return { state: advanced, outcome: null };
  const named = advanced.verifications.find((v) =>
    v.messages.some((message) => message.providerMessageId === providerMessageId),
  );
  const meant = named ?? advanced.verifications.findLast(({ status }) => status === "pending");
  // Nobody here wrote to this number lately: there is nobody to hold to it.
  if (meant === undefined) return { state: advanced, outcome: null };

  const denials: readonly Denial[] = [...advanced.denials, { at: now, of }].slice(-KEPT_DENIALS);
  const state = { ...advanced, denials };
  if (meant.status !== "pending") return { state, outcome: meant.attribution };
  return { state: replace(state, close(meant, "failed", "denied_by_user", now)), outcome: meant.attribution };
}
