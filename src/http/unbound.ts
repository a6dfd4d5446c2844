import type { Code } from "../codes/code.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { Caller } from "../keys/caller.ts";
import type { CheckAnswer } from "../phone-number/answers.ts";
import { DEFAULT_POLICY, type Policy } from "../phone-number/policy.ts";
import type { Background } from "../platform/async.ts";
import { Problem } from "../platform/problem.ts";
import type { Verifications } from "../verification/verifications.ts";
import { checkedOrThrow } from "./v1/verifications/replies.ts";

/**
 * The policy of a purpose, for an API that can name no amount and no payee. Throws a problem for a purpose that needs
 * them: its codes would confirm nothing.
 */
export function unboundPolicy(policies: ReadonlyMap<string, Policy>, purpose: string): Policy {
  const policy = policies.get(purpose) ?? DEFAULT_POLICY;
  if (!policy.bindRequired) return policy;
  throw new Problem("forbidden", {
    detail: `The purpose ${purpose} needs a binding, which this API cannot name.`,
  });
}

/** Checks a code by an id, for an API that can name neither session, binding nor user. Throws a problem for a refusal. */
export async function checkUnbound(
  verifications: Verifications,
  id: VerificationId,
  code: Code,
  { caller, background }: { readonly caller: Caller; readonly background: Background },
): Promise<CheckAnswer> {
  const owner = { app: caller.app, scope: caller.reach };
  const checker = { callerId: caller.id, client: { ip: null, deviceId: null } };
  const context = { checker, key: null, background };
  const given = { code, session: null, bind: null };
  return checkedOrThrow(await verifications.checkById(id, owner, given, context));
}
