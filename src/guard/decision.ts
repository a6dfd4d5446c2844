import { randomId } from "../ids/id.ts";
import { maskNumber } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import { rangeOf } from "./range.ts";
import type { GuardRequest, RuleMatch, RuleName } from "./rule.ts";

/** A refusal, or one that only was recorded, as the journal keeps it and the team is told of it. */
export interface GuardDecision {
  readonly rule: RuleName;
  readonly code: RuleMatch["code"];
  readonly refused: boolean;
  readonly figures: RuleMatch["figures"];
  readonly limits: RuleMatch["limits"];
  readonly purpose: string;
  readonly country: string | null;
  /** The API key's id. */
  readonly callerId: string;
  /**
   * Masked, for people: the range where the rule is about one, else as everywhere. Never both, and no name of
   * the number's object beside it: together they would be most of the number.
   */
  readonly to: string;
}

const ID_BYTES = 16;

/** The event of one finding. */
export function toEvent(
  finding: RuleMatch,
  question: GuardRequest,
  keyring: Keyring,
  now: number,
): GuardEvent {
  const { rule, code, mode, figures, limits } = finding;
  const { to, purpose, country, callerId } = question;
  const id = randomId("evt_", ID_BYTES);
  const shown = rule.startsWith("range_") ? `${rangeOf(to)}****` : maskNumber(to);
  return {
    kind: "guard",
    type: "guard.blocked",
    id,
    at: now,
    toSealed: keyring.seal(to, id),
    decision: {
      rule,
      code,
      refused: mode === "enforce",
      figures,
      limits,
      purpose,
      country,
      callerId,
      to: shown,
    },
  };
}

/** A send that the guard refused, or would have. The journal takes all of them. */
export interface GuardEvent {
  readonly kind: "guard";
  readonly id: string;
  readonly type: "guard.blocked";
  readonly at: number;
  readonly decision: GuardDecision;
  /** Opens with `keyring.open(toSealed, id)`. */
  readonly toSealed: string;
}
