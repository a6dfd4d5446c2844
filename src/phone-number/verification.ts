import type { Binding, CodeCheckedBy, CodeProof, SealedCode, SessionTag } from "../codes/code.ts";
import type { AppName } from "../ids/app-name.ts";
import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { Via } from "../ids/via.ts";
import type { ChannelName, Message } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { MessageLink } from "./message-link.ts";
import type { FrozenPolicy, FrozenRules } from "./policy.ts";

/** One verification, as the record of its number keeps it. Times are milliseconds since the epoch. */
export interface Verification {
  readonly id: VerificationId;
  /** Null until the message that shows the number has come; only of one that learns its number. */
  readonly to: E164 | null;
  readonly app: AppName;
  /** Null where the caller tied it to no session. */
  readonly session: SessionTag | null;
  /** The API that started it. */
  readonly via: Via;
  /** Made outside the object, which has no key. */
  readonly protectedNumber: ProtectedNumber;
  /** For a test number: its code is in the configuration, and nothing is sent. */
  readonly test: boolean;
  /** The event types that webhook endpoints subscribe to; events that the journal needs are made in any case. */
  readonly subscribedTypes: readonly VerificationEventType[];
  /** The number of events so far. */
  readonly revision: number;
  readonly purpose: string;
  readonly policy: FrozenPolicy;
  /** What the start asked for; a resend that draws a code keeps to it. Null for the policy's. */
  readonly codeLength: number | null;
  readonly codeCheckedBy: CodeCheckedBy;
  /** The channels to try, in order: each when the one before it has failed. */
  readonly channels: readonly ChannelName[];
  readonly status: VerificationStatus;
  readonly reason: ClosingReason | null;
  readonly locale: string;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** A denial counts against these. */
  readonly attribution: Attribution;
  readonly rules: FrozenRules;
  /** Another network or device has requested its code as well: an approval does not say which is the owner's. */
  readonly hasSeveralRequesters: boolean;
  /** The phone's identity is not the one of the last approved code. */
  readonly identityChanged: boolean;
  /** Null once the verification has closed, and where the user sends a message instead of typing a code. */
  readonly code: StoredCode | null;
  /** The message that the user is to send; null where they type a code. */
  readonly link: MessageLink | null;
  /** Checks charged so far, the successful one included. */
  readonly attempts: number;
  /** The newest check and its result: the same check again, after a fault of the platform, is not charged twice. */
  readonly lastAttempt: { readonly id: string; readonly valid: boolean } | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly closedAt: number | null;
  /** Oldest first; a message's place in this list is its ordinal. */
  readonly messages: readonly Message[];
  /** The messages of those before it, where each superseded the last on request: they count on, towards its sends and its wait. */
  readonly supersededSends: number;
  /** Null until a token was issued for its approval. */
  readonly redeemed: Redemption | null;
}

/** That a token was issued for an approval, and whether a second one was asked for. */
export interface Redemption {
  /** Random: the same redemption, repeated after a fault of the platform, is not a second one. */
  readonly id: string;
  readonly state: "once" | "again";
}

/** Who requested a code: a denial by the number's owner counts against them. */
export interface Attribution {
  /** The deployment's named limits, with the values that the caller gave. */
  readonly limits: Readonly<Record<string, string>>;
  /** The user's network as the guard counts it; null where the caller did not name one. */
  readonly network: string | null;
  /** A keyed tag of the user's device; null where the caller did not name one. */
  readonly device: string | null;
}

export type VerificationStatus = "pending" | "approved" | "canceled" | "expired" | "failed";

/** Why verifications close; the wire spells them the same. */
export const CLOSING_REASONS = [
  "attempts_exhausted",
  "undeliverable",
  "denied_by_user",
  /** Canceled because another verification of the same purpose began. */
  "superseded",
  /** The message came from another number than the claimed one. */
  "other_number",
  /** The user has moved their WhatsApp account to another number. */
  "number_changed",
  /** The guard's rules about destinations do not allow the number that the message has shown. */
  "destination_not_allowed",
] as const;
export type ClosingReason = (typeof CLOSING_REASONS)[number];

/** The code of a pending verification, in the forms that are stored. */
export interface StoredCode {
  readonly proof: CodeProof;
  readonly sealed: SealedCode;
  /** A resend never replaces the caller's code by a drawn one: the caller may compare it as well. */
  readonly fromCaller: boolean;
  /** When it was drawn; the limit of its lifetime counts from here, resends included. */
  readonly drawnAt: number;
}

/** The status of a message that WhatsApp dropped at the end of its time to live arrives a little later. */
const DROPPED_MARGIN_SECONDS = 5;

/** The messages that count towards a policy's limit and its waits. */
export function countedSends({ supersededSends, messages }: Verification): number {
  return supersededSends + messages.length;
}

/** The first channel that the verification has not tried; null when none is left. */
export function nextChannel(verification: Verification): ChannelName | null {
  const { channels } = verification;
  return channels.find((name) => hasNotCarried(verification, name)) ?? null;
}

/** Whether no message over this channel has carried the verification's code. */
export function hasNotCarried({ messages }: Verification, channelName: ChannelName): boolean {
  return messages.every(({ channel }) => channel !== channelName);
}

/** When the newest message has gone without a delivery for too long; null where no channel is left to try. */
export function fallbackAt(verification: Verification): number | null {
  const newest = verification.messages.at(-1);
  if (newest === undefined || nextChannel(verification) === null) return null;
  if (newest.status !== "queued" && newest.status !== "sent") return null;
  const { fallbackAfterSeconds } = verification.policy;
  const dropped = (newest.timeToLiveSeconds ?? Number.POSITIVE_INFINITY) + DROPPED_MARGIN_SECONDS;
  return newest.createdAt + Math.min(fallbackAfterSeconds, dropped) * 1000;
}

/** A verification whose code can still be sent. */
export type Sendable = Verification & { readonly code: StoredCode };

export function isSendable(verification: Verification): verification is Sendable {
  return verification.status === "pending" && verification.code !== null;
}

/** Ends a verification and erases its code or token. */
export function close(
  verification: Verification,
  status: Exclude<VerificationStatus, "pending">,
  reason: ClosingReason | null,
  now: number,
): Verification {
  const { link } = verification;
  return {
    ...verification,
    status,
    reason,
    closedAt: now,
    code: null,
    link: link === null ? null : { ...link, sealed: null },
  };
}

/** The start, each way to end, and the changes of a message. */
export const VERIFICATION_EVENT_TYPES = [
  "verification.started",
  "verification.approved",
  "verification.expired",
  "verification.canceled",
  "verification.failed",
  "verification.message",
] as const;

export type VerificationEventType = (typeof VERIFICATION_EVENT_TYPES)[number];
