import { cancelAndStart, fewWrongCodes, unlockAfterGuesses } from "./limit-scenarios.ts";
import { type Mutation, mutation } from "./mutation.ts";

const LIMITS = "phone-number/decisions/limits.ts";

/** Breaks invariant 13: limits protect a number's owner and do not lock them out. */
export const LIMIT_MUTATIONS: readonly Mutation[] = [
  mutation(
    13,
    "a number is locked after two wrong codes",
    fewWrongCodes,
    LIMITS,
    "if (consecutiveFailures < failuresBeforeDelay) return 0;",
    "if (consecutiveFailures < 2) return 0;",
  ),
  mutation(
    13,
    "a number that an operator unlocks stays locked",
    unlockAfterGuesses,
    LIMITS,
    "return { state: { ...state, ...cleared }, outcome: true };",
    "return { state: { ...state, ...cleared, lockedUntil }, outcome: true };",
  ),
  mutation(
    13,
    "a number gets any number of messages a day",
    cancelAndStart,
    "phone-number/decisions/send-windows.ts",
    "const times = state.sends.map(({ at }) => at);",
    "const times = state.sends.flatMap(({ at, isRefused }) => (isRefused ? [at] : []));",
  ),
];
