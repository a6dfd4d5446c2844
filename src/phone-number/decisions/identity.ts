import { type Identity, type PhoneState, withVerification } from "../phone-state.ts";
import type { FrozenRules } from "../policy.ts";

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

/**
 * Approves the current identity: the user has proved that this phone is theirs. A person who took over a number can prove the
 * same, so a phone that is held back does not become the trusted one by that.
 */
export function approveIdentity(state: PhoneState, rules: FrozenRules, now: number): PhoneState {
  const { identity } = state;
  if (identity === null || identity.current === UNKNOWN || isHeldBack(state, rules, now)) return state;
  return { ...state, identity: { ...identity, approved: identity.current } };
}

/** Trusts the phone as it is, for an operator. */
export function trustIdentity({ identity }: PhoneState): PhoneState["identity"] {
  if (identity === null) return null;
  return { ...identity, approved: identity.current === UNKNOWN ? null : identity.current };
}

/** True when the phone has changed, and the rules neither send it codes nor trust it yet, on no channel. */
export function isHeldBack(state: PhoneState, rules: FrozenRules, now: number): boolean {
  if (rules.identityChange !== "refuse_whatsapp" || !hasChanged(state)) return false;
  return now < (state.identity?.seenAt ?? 0) + rules.identityHoldMs;
}

/** True when the phone is not the one of the last approved code. */
export function hasChanged({ identity }: PhoneState): boolean {
  return identity !== null && identity.approved !== null && identity.current !== identity.approved;
}
