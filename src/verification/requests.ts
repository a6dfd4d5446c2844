import type { Binding, Code, CodeCheckedBy, CodeText } from "../codes/code.ts";
import type { Checker } from "../guard/clients/check-guard.ts";
import type { GuardRequest, RuleMatch } from "../guard/rule.ts";
import type { AppName, AppScope } from "../ids/app-name.ts";
import type { IdempotencyKey } from "../ids/idempotency-key.ts";
import type { Via } from "../ids/via.ts";
import type { ChannelName } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { SendAnswer } from "../phone-number/answers.ts";
import type { CheckOutcome } from "../phone-number/decisions/check.ts";
import type { SendOutcome, WhilePending } from "../phone-number/decisions/send.ts";
import type { Background } from "../platform/async.ts";

/** What an app asks for when it starts a verification; all of it validated. */
export interface StartRequest {
  readonly to: E164;
  /** The app that the verification belongs to. */
  readonly app: AppName;
  /** What the caller ties it to, such as a digest of its own browser session; a check has to name the same. */
  readonly session: string | null;
  readonly purpose: string;
  /** A BCP 47 tag; null leaves the language to the number's country. */
  readonly locale: string | null;
  /** In order of preference; null leaves it to the policy. */
  readonly channels: readonly ChannelName[] | null;
  /** The caller's code, sent as it is given; null has one drawn. */
  readonly code: CodeText | null;
  /** Of a drawn code, at most `LONGEST_DRAWN_CODE`; a shorter one than the policy's is raised to that. Null for the policy's. */
  readonly codeLength: number | null;
  /** How long a message may stay undelivered before the next channel is used, within `FALLBACK_AFTER_SECONDS`; null for the policy's time. */
  readonly fallbackAfterSeconds: number | null;
  readonly codeCheckedBy: CodeCheckedBy;
  /** The API that the request came by. */
  readonly via: Via;
  readonly whilePending: WhilePending;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly asker: Asker;
}

/** The caller that requests a code, and its user as far as the caller describes them. */
export type Asker = Pick<GuardRequest, "callerId" | "client" | "limits">;

/** What a caller names of its user when it requests a resend. What it leaves out is that of the start. */
export interface Resender extends Pick<Asker, "callerId" | "limits"> {
  readonly client: Asker["client"] | null;
}

/** The channel of a resend: one by its name, the first that has not carried the code, or null for the newest message's. */
export type ChannelChoice = ChannelName | "next" | null;

/** How a start or a resend ended. */
export type SendResponse =
  | SendAnswer
  | Exclude<SendOutcome, { kind: "send" } | { kind: "replayed" } | { kind: "identity_changed" }>
  | { readonly kind: "channel_not_configured" }
  /** The request names a channel that the purpose's policy does not have. */
  | { readonly kind: "channel_not_allowed"; readonly allowed: readonly ChannelName[] }
  /** Every channel has carried the code, so that there is no next one. */
  | { readonly kind: "no_channel_left" }
  /** WhatsApp would send none of the policy's templates, and no other channel is left. */
  | { readonly kind: "no_template" }
  | { readonly kind: "blocked"; readonly match: RuleMatch };

/** Who asks about a verification. */
export interface Owner {
  /** The app that the caller acts for. */
  readonly app: AppName;
  /** Whose verifications it can reach. */
  readonly scope: AppScope;
}

/** What a user typed, and the session and binding that the app says it confirms. */
export interface GivenCode {
  readonly code: Code;
  readonly session: string | null;
  readonly bind: Binding | null;
}

/** A check's request, besides what it checks. */
export interface CheckContext {
  readonly checker: Checker;
  readonly key: IdempotencyKey | null;
  readonly background: Background;
}

export type CheckResponse =
  | Exclude<CheckOutcome, { kind: "replayed" } | { kind: "of_other_app" }>
  | { readonly kind: "blocked"; readonly match: RuleMatch };

/** Knows which event types the webhook endpoints subscribe to: from memory where it can, since every start asks. */
export interface Subscriptions {
  subscribedTypes(background: Background): Promise<ReadonlySet<string>>;
}
