import type { Journal } from "../../../journal/journal.ts";
import type { Policy } from "../../../phone-number/policy.ts";
import type { MessageFirst } from "../../../verification/message-first/message-first.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import type { Handlers } from "../../endpoint.ts";
import { checkDefinitions, checkHandlers } from "./check.ts";
import { listDefinitions, listHandlers } from "./list.ts";
import { manageDefinitions, manageHandlers } from "./manage.ts";
import type { Proofs } from "./proof.ts";
import { startDefinitions, startHandlers } from "./start.ts";

export function verificationDefinitions(policies: ReadonlyMap<string, Policy>) {
  return {
    ...startDefinitions(policies),
    ...checkDefinitions(policies),
    ...manageDefinitions,
    ...listDefinitions,
  };
}

export function verificationHandlers(
  verifications: Verifications,
  messageFirst: Pick<MessageFirst, "start">,
  journal: Journal,
  proofs: Proofs,
): Handlers<typeof verificationDefinitions> {
  return {
    ...startHandlers(verifications, messageFirst),
    ...checkHandlers(verifications, proofs),
    ...manageHandlers(verifications),
    ...listHandlers(verifications, journal),
  };
}
