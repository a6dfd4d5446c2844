import { type Mutation, mutation } from "./mutation.ts";
import { checkTogether, waitForCode, waitForDrawnCode } from "./scenes.ts";

/** Invariants 4 and 5: codes nowhere, whole numbers in few places. */
export const OF_SECRETS: readonly Mutation[] = [
  mutation(
    4,
    "codes are stored as they are",
    waitForCode,
    "codes/code.ts",
    "return keyring.seal(code, name) as SealedCode;",
    "return [keyring.seal(code, name), code].join() as SealedCode;",
  ),
  mutation(
    4,
    "the log has the codes that are drawn",
    waitForDrawnCode,
    "codes/code.ts",
    "return code as Code;",
    "console.log(JSON.stringify({ drawn: code })); return code as Code;",
  ),
  mutation(
    5,
    "the log has whole numbers",
    waitForCode,
    "platform/log.ts",
    "...(to !== undefined && { to: maskNumber(to) })",
    "...(to !== undefined && { to })",
  ),
  mutation(
    5,
    "the journal has whole numbers",
    checkTogether,
    "journal/rows.ts",
    "number_masked: verification.toMasked,",
    "number_masked: JSON.stringify({ masked: verification.toMasked, whole: atob(verification.metadata.round) }),",
  ),
];
