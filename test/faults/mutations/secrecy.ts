import { type Mutation, mutation } from "./mutation.ts";
import { concurrentChecks, generatedCode, pendingCode } from "./scenarios.ts";

/** Breaks invariants 4 and 5: no plaintext codes, few full numbers. */
export const SECRECY_MUTATIONS: readonly Mutation[] = [
  mutation(
    4,
    "the storage contains plaintext codes",
    pendingCode,
    "codes/code.ts",
    "return keyring.seal(code, name) as SealedCode;",
    "return [keyring.seal(code, name), code].join() as SealedCode;",
  ),
  mutation(
    4,
    "the log contains generated codes",
    generatedCode,
    "codes/code.ts",
    "return code as Code;",
    "console.log(JSON.stringify({ drawn: code })); return code as Code;",
  ),
  mutation(
    5,
    "the log contains full numbers",
    pendingCode,
    "platform/log.ts",
    "const masked = to === undefined ? undefined : maskNumber(to);",
    "const masked = to;",
  ),
  mutation(
    5,
    "the journal contains full numbers",
    concurrentChecks,
    "journal/rows.ts",
    "number_masked: verification.toMasked,",
    "number_masked: JSON.stringify({ masked: verification.toMasked, whole: atob(verification.metadata.round) }),",
  ),
];
