import type { Binding } from "../../codes/code.ts";
import type { PhoneState } from "../phone-state.ts";
import type { Verification } from "../verification.ts";

/** What tells the verifications of a number apart, besides their bindings. */
type Scope = Pick<Verification, "app" | "purpose" | "session">;

/** How many sessions may have a verification pending for one number, app and purpose. */
const MAX_PENDING = 3;

/** Whether a start belongs to the session of a verification. Of two bindings, the newer supersedes the older. */
export function isSameSession(verification: Verification, { app, purpose, session }: Scope): boolean {
  return verification.app === app && verification.purpose === purpose && verification.session === session;
}

/**
 * The verification that a start with another session supersedes: the oldest, where as many are pending as one
 * number, app and purpose may have. Refusing the start instead would let a stranger lock the owner out.
 */
export function oldestSurplus(state: PhoneState, { app, purpose }: Scope): Verification | undefined {
  const pending = state.verifications.filter(
    (v) => v.status === "pending" && v.app === app && v.purpose === purpose,
  );
  return pending.at(-MAX_PENDING);
}

export function isSameBinding(a: Binding | null, b: Binding | null): boolean {
  if (a === null || b === null) return a === b;
  return a.amount === b.amount && a.currency === b.currency && a.payee === b.payee;
}
