import { DEFAULT_POLICY, type Policy } from "../phone-number/policy.ts";
import { Problem } from "../platform/problem.ts";

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
