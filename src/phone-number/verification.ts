import type { Binding } from "../codes/binding.ts";
import type { CodeProof, SealedCode } from "../codes/code.ts";
import type { NumberInEvents } from "../ids/protected-number.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { ChannelName, Message } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Policy } from "./policy.ts";

export interface Verification {
  readonly id: VerificationId;
  readonly to: E164;
  /** The number as events carry it, made where the key is: masked, sealed, and where it belongs. */
  readonly numberInEvents: NumberInEvents;
  /** Of a test number: the code is in the configuration, and nothing is sent. */
  readonly test: boolean;
  /** Which events somebody wants of it; what the journal needs goes out in any case. */
  readonly subscribedTypes: readonly VerificationEventType[];
  /** How many events it has caused. */
  readonly revision: number;
  readonly purpose: string;
  readonly policy: FrozenPolicy;
  /** What may carry the code, in the order in which each is tried when the one before fails. */
  readonly channels: readonly ChannelName[];
  readonly status: VerificationStatus;
  readonly reason: ClosingReason | null;
  readonly locale: string;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** In whose name it was asked for: a denial counts against these. */
  readonly attribution: Attribution;
  /** The phone's identity is not the one that the last approved code went to. */
  readonly identityChanged: boolean;
  /** Gone the moment the verification closes. */
  readonly code: StoredCode | null;
  /** Checks charged so far, the successful one included. */
  readonly attempts: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly closedAt: number | null;
  /** Oldest first; a message's place in this list is its ordinal. */
  readonly messages: readonly Message[];
}

/** Who answers for a send. */
export interface Attribution {
  /** The deployment's named limits, with the values that the caller gave. */
  readonly limits: Readonly<Record<string, string>>;
  /** The user's network as the guard counts it; null where nobody said. */
  readonly network: string | null;
}

export type VerificationStatus = "pending" | "approved" | "canceled" | "expired" | "failed";

/** `superseded` closes a canceled verification: another one for the same purpose took its place. */
export type ClosingReason = "attempts_exhausted" | "undeliverable" | "denied_by_user" | "superseded";

/** The part of the policy that decides later, as it was when the verification began. */
export type FrozenPolicy = Pick<
  Policy,
  "expiresInSeconds" | "maxAttempts" | "maxSends" | "resendAfterSeconds" | "resend" | "fallbackAfterSeconds"
>;

export interface StoredCode {
  readonly proof: CodeProof;
  readonly sealed: SealedCode;
  /** Such a code is not ours to replace: its owner may be comparing it as well. */
  readonly broughtByCaller: boolean;
  /** When it was drawn: no resend stretches its life past the limit counted from here. */
  readonly drawnAt: number;
}

/** A message past its time to live may still be on its way to saying so. */
const DROPPED_MARGIN_SECONDS = 5;

/** The first channel of its plan that a verification has not tried; null when there is none left. */
export function nextChannel({ channels, messages }: Verification): ChannelName | null {
  return channels.find((name) => messages.every(({ channel }) => channel !== name)) ?? null;
}

/** When a verification's newest message has been silent for too long; null where nothing could follow it. */
export function silentAt(verification: Verification): number | null {
  const newest = verification.messages.at(-1);
  if (newest === undefined || nextChannel(verification) === null) return null;
  if (newest.status !== "queued" && newest.status !== "sent") return null;
  const patience = verification.policy.fallbackAfterSeconds;
  const dropped = (newest.timeToLiveSeconds ?? Number.POSITIVE_INFINITY) + DROPPED_MARGIN_SECONDS;
  return newest.createdAt + Math.min(patience, dropped) * 1000;
}

/** Ends a verification. Its code goes with it: a closed verification has nothing left to steal. */
export function close(
  verification: Verification,
  status: Exclude<VerificationStatus, "pending">,
  reason: ClosingReason | null,
  now: number,
): Verification {
  return { ...verification, status, reason, closedAt: now, code: null };
}

/** One for the start, one for each way to end, and one for each change of a message. */
export const VERIFICATION_EVENT_TYPES = [
  "verification.started",
  "verification.approved",
  "verification.expired",
  "verification.canceled",
  "verification.failed",
  "verification.message",
] as const;

export type VerificationEventType = (typeof VERIFICATION_EVENT_TYPES)[number];
