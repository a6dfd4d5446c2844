import type { Binding } from "../codes/binding.ts";
import type { Code } from "../codes/code.ts";
import type { GuardRequest, RuleMatch } from "../guard/rule.ts";
import type { ChannelName } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { SendAnswer } from "../phone-number/answers.ts";
import type { CheckOutcome } from "../phone-number/decisions/check.ts";
import type { SendOutcome } from "../phone-number/decisions/send.ts";
import type { Background } from "../platform/background.ts";

/** What an app asks for when it starts a verification; everything in it has been validated. */
export interface StartRequest {
  readonly to: E164;
  readonly purpose: string;
  readonly locale: string | null;
  /** In order of preference; null leaves it to the policy. */
  readonly channels: readonly ChannelName[] | null;
  /** The caller's own code; null has one drawn. */
  readonly code: Code | null;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly asker: Asker;
}

/** On whose behalf a code is asked for, as far as that is known. */
export type Asker = Pick<GuardRequest, "callerId" | "client" | "limits">;

export type SendResponse =
  | SendAnswer
  | Exclude<SendOutcome, { kind: "send" } | { kind: "replayed" } | { kind: "identity_changed" }>
  | { readonly kind: "channel_not_configured" }
  /** WhatsApp would send none of the policy's templates, and no other channel is left. */
  | { readonly kind: "no_template" }
  | { readonly kind: "blocked"; readonly finding: RuleMatch };

export type CheckResponse = Exclude<CheckOutcome, { kind: "replayed" }>;

/** Knows which event types the endpoints subscribe to. Every start asks, so the answer comes from memory where it can. */
export interface Subscriptions {
  subscribedTypes(background: Background): Promise<ReadonlySet<string>>;
}
