import type { CodeProof, SealedCode } from "../../codes/code.ts";
import { CODE_LIFETIME_LIMIT_SECONDS, type FrozenPolicy } from "../policy.ts";
import type { StoredCode, Verification } from "../verification.ts";

/** The code of a request in the forms that are stored: drawn for it, or brought by the caller. */
export interface CandidateCode {
  readonly proof: CodeProof;
  readonly sealed: SealedCode;
  readonly fromCaller: boolean;
}

/**
 * A resend carries the same code, so that the code of an older message stays valid; unless the caller brings
 * another one, or the policy asks for a new one and the code was drawn here.
 */
export function codeToSend(pending: Verification, candidate: CandidateCode, now: number): StoredCode {
  const kept = pending.code;
  if (kept === null) return { ...candidate, drawnAt: now };
  if (candidate.fromCaller) {
    // The same code may be spelled in another case now; bringing it again does not make it younger.
    return { ...candidate, drawnAt: candidate.proof === kept.proof ? kept.drawnAt : now };
  }
  const isReplaced = pending.policy.resend === "new" && !kept.fromCaller;
  return isReplaced ? { ...candidate, drawnAt: now } : kept;
}

/** Every message gives the full time, within the limit of a code's lifetime. */
export function expiry(policy: FrozenPolicy, code: StoredCode, now: number): number {
  return Math.min(now + policy.expiresInSeconds * 1000, code.drawnAt + CODE_LIFETIME_LIMIT_SECONDS * 1000);
}
