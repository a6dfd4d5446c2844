import { advance, close, type PhoneState, replace } from "../phone-state.ts";

/**
 * The number's owner tapped "I didn't request a code" under a message: whoever did request it gets no
 * further with it. By the message's id at its provider; where that is not known yet, the newest pending
 * verification is meant.
 */
export function deny(
  before: PhoneState,
  providerMessageId: string | null,
  now: number,
): { readonly state: PhoneState; readonly outcome: undefined } {
  const state = advance(before, now);
  const named = state.verifications.find((v) =>
    v.messages.some((message) => message.providerMessageId === providerMessageId),
  );
  const meant = named ?? state.verifications.findLast(({ status }) => status === "pending");
  if (meant?.status !== "pending") return { state, outcome: undefined };
  return { state: replace(state, close(meant, "failed", "denied_by_user", now)), outcome: undefined };
}
