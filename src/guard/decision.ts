import type { AppName } from "../ids/app-name.ts";
import { randomId } from "../ids/id.ts";
import { type E164, maskNumber } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { rangeOf } from "./range.ts";
import type { GuardRequest, RuleMatch, RuleName } from "./rule.ts";

/** A refusal, or what would have been one, as the journal stores it and the team's systems receive it. */
export interface GuardDecision {
  readonly rule: RuleName;
  readonly code: RuleMatch["code"];
  readonly refused: boolean;
  readonly figures: RuleMatch["figures"];
  readonly limits: RuleMatch["limits"];
  readonly app: AppName;
  readonly purpose: string;
  readonly country: string | null;
  /** The API key's id. */
  readonly callerId: string;
  /**
   * Masked: the range where the rule is about one, else calling code and last two digits. Never both, and never
   * beside the name of the number's object: together they would be most of the number. Empty where the number was to be
   * learned from the user's message.
   */
  readonly to: string;
}

/** A send that the guard refused, or would have refused. The journal stores all of them. */
export interface GuardEvent {
  readonly kind: "guard";
  readonly id: string;
  readonly type: "guard.blocked";
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly decision: GuardDecision;
  /** Opens with `keyring.open(toSealed, id)`; null where the number was to be learned. */
  readonly toSealed: string | null;
}

const ID_BYTES = 16;

function toEvent(match: RuleMatch, request: GuardRequest, keyring: Keyring, now: number): GuardEvent {
  const { rule, code, mode, figures, limits } = match;
  const { to, app, purpose, country, callerId } = request;
  const id = randomId("evt_", ID_BYTES);
  return {
    kind: "guard",
    type: "guard.blocked",
    id,
    at: now,
    toSealed: to === null ? null : keyring.seal(to, id),
    decision: {
      rule,
      code,
      refused: mode === "enforce",
      figures,
      limits,
      app,
      purpose,
      country,
      callerId,
      to: to === null ? "" : maskedFor(rule, to),
    },
  };
}

function maskedFor(rule: RuleName, to: E164): string {
  return rule.startsWith("range_") ? `${rangeOf(to)}****` : maskNumber(to);
}

/** Reports a match; resolves once that is durable. Never rejects: a refusal holds while the queue is down. */
export type ReportDecision = (match: RuleMatch, request: GuardRequest) => Promise<void>;

/** @param publish Puts an event on the queue; rejects when the queue refuses it. */
export function decisionReporter(
  keyring: Keyring,
  publish: (event: GuardEvent) => Promise<void>,
): ReportDecision {
  return async (match, request) => {
    try {
      await publish(toEvent(match, request, keyring, Date.now()));
    } catch (error) {
      log("error", "Guard decision report failed", { error: `${match.rule}: ${error}` });
    }
  };
}
