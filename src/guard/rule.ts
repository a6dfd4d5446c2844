import type { CodeCheckedBy } from "../codes/code.ts";
import type { AppName } from "../ids/app-name.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { PricedMessage } from "../messages/delivery-update.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Background, MaybePromise } from "../platform/async.ts";

/** What a matching rule does: nothing, record the match, or refuse the send as well. */
export const MODES = ["off", "record_only", "enforce"] as const;
export type Mode = (typeof MODES)[number];

/** A requested send, before a code is drawn, stored or sent. */
export interface GuardRequest {
  /** Null where the number is to be learned from the user's message. */
  readonly to: E164 | null;
  /** With `message` the user writes: nothing is sent that costs, or that anyone could earn on. */
  readonly method: "code" | "message";
  /** The name of the number's object, which may be stored. */
  readonly name: PhoneNumberName;
  readonly country: string | null;
  readonly purpose: string;
  /** The app that starts or resends. */
  readonly app: AppName;
  readonly callerId: string;
  /** The user as the app sees them; null where the request does not say. */
  readonly client: { readonly ip: string | null; readonly deviceId: string | null };
  /**
   * The tag of the user's network (`networkTag`); null where the request does not say. A resend that names no client has
   * that of its start, and no address.
   */
  readonly network: string | null;
  /** Keys for the deployment's named limits: `{ account: "u_42" }`. */
  readonly limits: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Nothing here sees whether a code that the caller checks was right. */
  readonly codeCheckedBy: CodeCheckedBy;
}

/** Why a send is refused, or would be: the rule, the counts, and the limits. */
export interface RuleMatch {
  readonly rule: RuleName;
  readonly code:
    | "destination_not_allowed"
    | "denied_by_policy"
    | "rate_limited"
    | "traffic_blocked"
    | "send_limit_reached";
  readonly mode: Exclude<Mode, "off">;
  /** For the caller of the API. Reveals nothing about other users. */
  readonly detail: string;
  /** For the team: counts. Never a whole phone number. */
  readonly figures: Readonly<Record<string, string | number>>;
  readonly limits: Readonly<Record<string, string | number>>;
  /** With a 429: the limit for the RateLimit header fields, and when a retry may succeed. */
  readonly wait: {
    readonly retryAfterMs: number;
    readonly name: string;
    readonly quota: number;
    readonly windowMs: number;
  } | null;
}

/** The answer of every rule about destinations. It does not reveal which of them matched. */
export function destinationNotAllowed(
  fault: Pick<RuleMatch, "rule" | "figures" | "limits">,
  mode: RuleMatch["mode"],
): RuleMatch {
  return {
    ...fault,
    code: "destination_not_allowed",
    mode,
    wait: null,
    detail: "This deployment sends no codes to this destination.",
  };
}

/** The outcome of a send that the guard allowed. */
export interface GuardOutcome {
  readonly sent: boolean;
  /** What the number's own object found against the send, enforced or recorded; null for nothing. */
  readonly match: RuleMatch | null;
}

/** A closed verification, with what rules need of it. */
export interface Closing {
  readonly id: VerificationId;
  /** Opens with `keyring.open(toSealed, name)`, where `name` is that of the number's object. */
  readonly toSealed: string;
  readonly country: string | null;
  readonly status: string;
  readonly messages: readonly unknown[];
  /** The tag of the network that requested it; missing in events of earlier versions. */
  readonly network?: string | null;
  /** Missing in events of earlier versions, which had only codes. */
  readonly method?: GuardRequest["method"];
  /** Missing in events of earlier versions, whose codes were checked here. */
  readonly codeCheckedBy?: CodeCheckedBy;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** On whose behalf a code was requested: a denial counts against these. */
export interface Attribution {
  /** The deployment's named limits, with the values that the caller gave. */
  readonly limits: Readonly<Record<string, string>>;
  /** The tag of the user's network (`networkTag`); null where the request does not say. */
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
  "api_key_check_rate",
  "client_check_rate",
  "spraying",
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** One rule of the guard. A rule that fails to decide returns null: its fault must not cost users their codes. */
export interface Rule {
  /** Returns synchronously where it can: all rules are evaluated before every send. */
  evaluate(request: GuardRequest, background: Background): MaybePromise<RuleMatch | null>;
  /** A message was sent. Work of this takes the background. */
  onSent?(request: GuardRequest, background: Background): void;
  /** This rule allowed the send, but another rule or the number's own limits refused it. */
  onNotSent?(request: GuardRequest): Promise<void>;
  /** Verifications have closed, approved or not. Called by the consumer of events, on no request's path. */
  onClosed?(closings: readonly Closing[], background: Background): Promise<void>;
  /** A provider has reported what it charges for. */
  onPriced?(messages: readonly PricedMessage[]): void;
  /** The number's owner reported that they requested no code. */
  onDenied?(to: E164, attribution: Attribution): Promise<void>;
}
