import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import type { GuardEvent } from "./decision.ts";
import { toEvent } from "./decision.ts";
import type { GuardRequest, RuleMatch } from "./rule.ts";

/** Tells of a finding; resolves once that is durable. Never rejects: a queue that is down keeps nothing from being refused. */
export type ReportDecision = (finding: RuleMatch, question: GuardRequest) => Promise<void>;

/** @param publish Puts an event on the queue; rejects when it does not take it. */
export function decisionReporter(
  keyring: Keyring,
  publish: (event: GuardEvent) => Promise<void>,
): ReportDecision {
  return async (finding, question) => {
    try {
      await publish(toEvent(finding, question, keyring, Date.now()));
    } catch (error) {
      log("error", "A guard decision could not be told", { error: `${finding.rule}: ${error}` });
    }
  };
}
