import { type Identity, type PhoneState, replace } from "../phone-state.ts";

/** WhatsApp's word for "this is another phone than the one you mean". */
export const IDENTITY_MISMATCH = "137000";

/** The hash of a phone that WhatsApp says is another one, while the new one's is not known. */
const UNKNOWN = "unknown";

/**
 * Takes in the hash that came with a status update, or that WhatsApp refused a message over another one. What
 * is older than the last that was seen changes nothing: updates come in any order.
 */
export function seeIdentity(
  state: PhoneState,
  { hash, errorCode, at }: { hash: string | null; errorCode: string | null; at: number },
): PhoneState {
  const current = errorCode === IDENTITY_MISMATCH ? UNKNOWN : hash;
  const former = state.identity;
  if (current === null || current === former?.current || at < (former?.seenAt ?? 0)) return state;
  const identity: Identity = { approved: former?.approved ?? null, current, seenAt: at };
  const seen = { ...state, identity };
  if (!hasChanged(seen)) return seen;
  const pending = seen.verifications.filter(({ status }) => status === "pending");
  return pending.reduce<PhoneState>(
    (former, one) => replace(former, { ...one, identityChanged: true }),
    seen,
  );
}

/** The user has shown that this phone is theirs. */
export function approveIdentity(state: PhoneState): PhoneState {
  const { identity } = state;
  if (identity === null || identity.current === UNKNOWN) return state;
  return { ...state, identity: { ...identity, approved: identity.current } };
}

/** True when the phone is not the one that the last approved code went to. */
export function hasChanged({ identity }: PhoneState): boolean {
  return identity !== null && identity.approved !== null && identity.current !== identity.approved;
}
