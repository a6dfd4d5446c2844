import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import type { GuardEvent } from "./decision.ts";
import { toEvent } from "./decision.ts";
import type { Finding, GuardQuestion } from "./rule.ts";

/** Tells of a finding; resolves once that is durable. Never rejects: a queue that is down keeps nothing from being refused. */
export type Tell = (finding: Finding, question: GuardQuestion) => Promise<void>;

/** @param announce Puts an event on the queue; rejects when it does not take it. */
export function teller(keyring: Keyring, announce: (event: GuardEvent) => Promise<void>): Tell {
  return async (finding, question) => {
    try {
      await announce(toEvent(finding, question, keyring, Date.now()));
    } catch (error) {
      log("error", "A guard decision could not be told", { error: `${finding.rule}: ${error}` });
    }
  };
}
