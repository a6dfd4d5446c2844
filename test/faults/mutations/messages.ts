import { linkApprovedByCaller, tokenFromOtherNumber, tokenFromTwoPhones } from "./message-scenarios.ts";
import { type Mutation, mutation } from "./mutation.ts";

const PROVE = "phone-number/decisions/prove.ts";

/** Breaks what invariant 1 says of the token of a message. */
export const MESSAGE_MUTATIONS: readonly Mutation[] = [
  mutation(
    1,
    "a token that was used proves another number",
    tokenFromTwoPhones,
    PROVE,
    'if (verification.status !== "pending") return proveClosed(state, verification, link, command);',
    'if (verification.status === "expired") return proveClosed(state, verification, link, command);',
  ),
  mutation(
    1,
    "a token from another number is accepted",
    tokenFromOtherNumber,
    PROVE,
    "if (!link.learnsNumber && !source.names.includes(ownerOf(verification.id))) {",
    "if (!link.learnsNumber && source.names.length === 0) {",
  ),
  mutation(
    1,
    "a caller approves what a message has to prove",
    linkApprovedByCaller,
    "phone-number/decisions/cancel.ts",
    "if (verification.link !== null) return { state, outcome: snapshotOf(verification) };",
    "",
  ),
];
