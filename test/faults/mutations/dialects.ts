import { forgedHook, repeatedHook, twilioOnOtherSession } from "./dialect-scenarios.ts";
import { type Mutation, mutation } from "./mutation.ts";

/** Breaks what the hooks of other platforms and the API of Twilio Verify add to the invariants. */
export const DIALECT_MUTATIONS: readonly Mutation[] = [
  mutation(
    8,
    "a hook sends what its platform has not signed",
    forgedHook,
    "http/sms-hooks/authenticate.ts",
    "if (!candidates.some((secret) => IS_SIGNED[platform](headers, bytes, secret))) {",
    "if (bytes.length === 0) {",
  ),
  mutation(
    12,
    "a number alone finds the verification of a session in Twilio's API",
    twilioOnOtherSession,
    "http/twilio-verify/manage.ts",
    'verification.via === "twilio" &&',
    "",
  ),
  mutation(
    13,
    "a platform's repetition of a message is refused",
    repeatedHook,
    "http/sms-hooks/deliver.ts",
    "    keyOf(call),\n    background,",
    "    null,\n    background,",
  ),
];
