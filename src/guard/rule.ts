import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { PricedMessage } from "../messages/delivery-update.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Background } from "../platform/background.ts";
import type { MaybePromise } from "../platform/maybe-promise.ts";

/** What a rule does when it finds something: nothing, tell the team, or refuse as well. */
export const MODES = ["off", "record_only", "enforce"] as const;
export type Mode = (typeof MODES)[number];

/** A send that somebody asks for, before anything is drawn, stored or sent. */
export interface GuardRequest {
  readonly to: E164;
  /** The number's object: a name for it that may be stored. */
  readonly name: PhoneNumberName;
  readonly country: string | null;
  readonly purpose: string;
  readonly callerId: string;
  /** As the app sees its user; null where it did not say. */
  readonly client: { readonly ip: string | null; readonly deviceId: string | null };
  /** Keys for the deployment's named limits: `{ account: "u_42" }`. */
  readonly limits: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Why a send is refused, or would be: the rule, what it counted, and what it allows. */
export interface RuleMatch {
  readonly rule: RuleName;
  readonly code:
    | "destination_not_allowed"
    | "denied_by_policy"
    | "rate_limited"
    | "traffic_blocked"
    | "send_limit_reached";
  readonly mode: Exclude<Mode, "off">;
  /** For the caller of the API: a sentence that gives nothing away of others. */
  readonly detail: string;
  /** For the team: counts, and never a whole phone number. */
  readonly figures: Readonly<Record<string, string | number>>;
  readonly limits: Readonly<Record<string, string | number>>;
  /** With a 429: the limit as the RateLimit fields name it, and when to come again. */
  readonly wait: {
    readonly retryAfterMs: number;
    readonly name: string;
    readonly quota: number;
    readonly windowMs: number;
  } | null;
}

/** What became of a send that the guard let through. */
export interface GuardOutcome {
  readonly sent: boolean;
  /** What the number's own object found against the send, enforced or recorded; null for nothing. */
  readonly match: RuleMatch | null;
}

/** A verification that has ended, as far as a rule learns from it. */
export interface Closing {
  readonly id: VerificationId;
  /** Opens with `keyring.open(toSealed, name)`, the name being the one of the number's object. */
  readonly toSealed: string;
  readonly country: string | null;
  readonly status: string;
  readonly messages: readonly unknown[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** In whose name a code was requested: a denial counts against these. */
export interface Attribution {
  /** The deployment's named limits, with the values that the caller gave. */
  readonly limits: Readonly<Record<string, string>>;
  /** The user's network as the guard counts it; null where the caller did not say. */
  readonly network: string | null;
}

export const RULE_NAMES = [
  "api_key_rate",
  "client_rate",
  "client_denied",
  "country",
  "number_type",
  "number_range",
  "block_list",
  "expired_test_number",
  "range_hour",
  "range_day",
  "range_probation",
  "country_hour",
  "country_day",
  "cap_country_sends",
  "cap_country_cost",
  "cap_sends",
  "cap_cost",
  "named_limit",
  "number_owner",
  "identity_change",
  "team_veto",
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** One rule. Whatever it needs, it brings; a rule that cannot find out finds nothing. */
export interface Rule {
  /** A message goes out after all that was asked. What that takes goes to the background. */
  onSent?(question: GuardRequest, background: Background): void;
  /** None goes out, though this rule let it: another one refused, or the number's own limits. */
  onNotSent?(question: GuardRequest): Promise<void>;
  /** Verifications are over, well or badly. On no request's path. */
  onClosed?(closings: readonly Closing[], background: Background): Promise<void>;
  /** A provider has said what it charges for. */
  onPriced?(messages: readonly PricedMessage[]): void;
  /** The number's owner asked for no code: whoever did, in these names, is held to it. */
  onDenied?(to: E164, attribution: Attribution): Promise<void>;
  /** Answers at once where it need not ask anybody else: all rules together are asked before every send. */
  evaluate(question: GuardRequest, background: Background): MaybePromise<RuleMatch | null>;
}
