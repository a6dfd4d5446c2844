import type { Binding } from "../../codes/code.ts";
import { type Method, methodOf } from "../message-link.ts";
import type { PhoneState } from "../phone-state.ts";
import { countedSends, type Sendable, type Verification } from "../verification.ts";
import { isKnown, isSameRequester } from "./known.ts";
import { type Refusal, refusal } from "./refusal.ts";

/** What tells the verifications of a number apart, besides their bindings. */
type Scope = Pick<Verification, "app" | "purpose" | "session">;

/** How many sessions may have a verification by one method pending for one number, app and purpose. */
const MAX_PENDING = 3;

/**
 * Whether a start belongs to the session of a verification by the same method. Of two bindings, the newer supersedes the
 * older.
 */
export function isSameSession(
  verification: Verification,
  { app, purpose, session }: Scope,
  method: Method = "code",
): boolean {
  if (methodOf(verification) !== method) return false;
  return verification.app === app && verification.purpose === purpose && verification.session === session;
}

/**
 * The verification that a start with another session supersedes: the oldest, where as many are pending as one number,
 * app and purpose may have. Refusing the start instead would let a stranger lock the owner out. For the same reason a
 * stranger's start supersedes none that a known network or device has begun; where all of them are such, it is refused.
 */
export function oldestSurplus(
  state: PhoneState,
  scope: Scope,
  isKnownRequester: boolean,
  method: Method = "code",
): Verification | "all_known" | undefined {
  const pending = pendingOf(state, scope, method);
  if (pending.length < MAX_PENDING) return undefined;
  const stranger = pending.find(({ attribution }) => !isKnown(state, attribution));
  return stranger ?? (isKnownRequester ? pending[0] : "all_known");
}

/** Refuses a start until the first of the pending verifications expires. */
export function refuseSurplus(
  state: PhoneState,
  scope: Scope,
  now: number,
  method: Method = "code",
): Refusal {
  const pending = pendingOf(state, scope, method);
  const begun = Math.min(...pending.map(({ createdAt }) => createdAt));
  const expires = Math.min(...pending.map(({ expiresAt }) => expiresAt));
  return refusal("send_limit_reached", expires - now, "pending-per-purpose", MAX_PENDING, expires - begun);
}

function pendingOf(
  { verifications }: PhoneState,
  { app, purpose }: Scope,
  method: Method,
): readonly Verification[] {
  return verifications.filter(
    (v) => v.status === "pending" && v.app === app && v.purpose === purpose && methodOf(v) === method,
  );
}

/**
 * The verification that a start asks for instead of the pending one. The messages so far count on towards the policy's limit
 * and its waits, and so do their requesters: with another code it is still the same request of the same user.
 */
export function takeOver(begun: Sendable, superseded: Verification): Sendable {
  return {
    ...begun,
    supersededSends: countedSends(superseded),
    hasSeveralRequesters:
      superseded.hasSeveralRequesters || !isSameRequester(superseded.attribution, begun.attribution),
  };
}

export function isSameBinding(a: Binding | null, b: Binding | null): boolean {
  if (a === null || b === null) return a === b;
  return a.amount === b.amount && a.currency === b.currency && a.payee === b.payee;
}
