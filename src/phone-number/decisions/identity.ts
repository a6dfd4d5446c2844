import { type Identity, type PhoneState, withVerification } from "../phone-state.ts";

/** WhatsApp's error for a phone whose identity is not the expected one. */
export const IDENTITY_MISMATCH = "137000";

/** Stands for the hash of a new phone that WhatsApp has not reported yet. */
const UNKNOWN = "unknown";

/**
 * Records the identity hash of a status update, or an identity mismatch that WhatsApp refused a message for.
 * Updates arrive in any order, so one that is older than the last change is ignored.
 */
export function recordIdentity(
  state: PhoneState,
  { hash, errorCode, at }: { hash: string | null; errorCode: string | null; at: number },
): PhoneState {
  const current = errorCode === IDENTITY_MISMATCH ? UNKNOWN : hash;
  const known = state.identity;
  if (current === null || current === known?.current || at < (known?.seenAt ?? 0)) return state;
  const identity: Identity = { approved: known?.approved ?? null, current, seenAt: at };
  const seen = { ...state, identity };
  if (!hasChanged(seen)) return seen;
  const pending = seen.verifications.filter(({ status }) => status === "pending");
  return pending.reduce<PhoneState>(
    (current, verification) => withVerification(current, { ...verification, identityChanged: true }),
    seen,
  );
}

/** Approves the current identity: the user has proved that this phone is theirs. */
export function approveIdentity(state: PhoneState): PhoneState {
  const { identity } = state;
  if (identity === null || identity.current === UNKNOWN) return state;
  return { ...state, identity: { ...identity, approved: identity.current } };
}

/** True when the phone is not the one of the last approved code. */
export function hasChanged({ identity }: PhoneState): boolean {
  return identity !== null && identity.approved !== null && identity.current !== identity.approved;
}
