import {
  fewWrongCodes,
  floodOfStranger,
  strangersSessions,
  unlockAfterFlood,
  unlockAfterGuesses,
} from "./limit-scenarios.ts";
import { type Mutation, mutation } from "./mutation.ts";

const LIMITS = "phone-number/decisions/limits.ts";
const WINDOWS = "phone-number/decisions/send-windows.ts";

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
    "    lockedUntil: 0,\n    denials: [],",
    "    denials: [],",
  ),
  mutation(
    13,
    "an operator's unlock leaves a number's sends used up",
    unlockAfterFlood,
    LIMITS,
    "    sends: [],\n",
    "",
  ),
  mutation(
    13,
    "a stranger uses up what is kept for the owner of a number",
    floodOfStranger,
    WINDOWS,
    "const isStranger = state.known.length > 0 && !isKnown(state, requester);",
    "const isStranger = state.known.length > MOST_SENDS && !isKnown(state, requester);",
  ),
  mutation(
    13,
    "a stranger's start supersedes the owner's verification",
    strangersSessions,
    "phone-number/decisions/pending.ts",
    "const stranger = pending.find(({ attribution }) => !isKnown(state, attribution));",
    "const stranger = pending.find(({ attribution }) => isKnown(state, attribution));",
  ),
  mutation(
    13,
    "a number gets any number of messages a day",
    floodOfStranger,
    WINDOWS,
    "if (exceeded === null) return null;",
    "if (exceeded === null || exceeded.quota > 1) return null;",
  ),
];
