import type { Binding, CodeCheckedBy, SessionTag } from "../codes/code.ts";
import type { AppName } from "../ids/app-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { Via } from "../ids/via.ts";
import type { ChannelName, Message } from "../messages/message.ts";
import type { E164 } from "../numbering/e164.ts";
import { type Method, methodOf } from "./message-link.ts";
import {
  type Attribution,
  type ClosingReason,
  countedSends,
  nextChannel,
  type Verification,
  type VerificationStatus,
} from "./verification.ts";

/** A verification without its code, proof and session. Times are milliseconds since the epoch. */
export interface VerificationSnapshot {
  readonly id: VerificationId;
  /** Null until it is learned from the message. */
  readonly to: E164 | null;
  readonly app: AppName;
  /** The API that started it. */
  readonly via: Via;
  /** How the user proves the number. */
  readonly method: Method;
  /** The number is the one that the user's message came from. */
  readonly numberLearned: boolean;
  /** The last two digits of the number that the message came from, where that was not the claimed one. */
  readonly otherNumberEndsWith: string | null;
  readonly status: VerificationStatus;
  readonly reason: ClosingReason | null;
  readonly purpose: string;
  /** The channel of the newest message: where the user should look for the code. */
  readonly channel: ChannelName | null;
  readonly locale: string;
  readonly bind: Binding | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** For a test number: nothing was sent. */
  readonly test: boolean;
  readonly identityChanged: boolean;
  readonly attemptsRemaining: number;
  readonly sendsRemaining: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The earliest time of another send; null when there will be none. */
  readonly resendAt: number | null;
  readonly closedAt: number | null;
  readonly messages: readonly Message[];
}

export function snapshotOf(verification: Verification): VerificationSnapshot {
  const { policy, messages, link, to } = verification;
  const sendsRemaining = Math.max(0, policy.maxSends - countedSends(verification));
  const canResend = verification.status === "pending" && link === null && sendsRemaining > 0;
  return {
    id: verification.id,
    to,
    app: verification.app,
    via: verification.via,
    method: methodOf(verification),
    numberLearned: link?.learnsNumber === true && to !== null,
    otherNumberEndsWith: link?.otherNumberEndsWith ?? null,
    status: verification.status,
    reason: verification.reason,
    purpose: verification.purpose,
    channel: messages.at(-1)?.channel ?? null,
    locale: verification.locale,
    bind: verification.bind,
    metadata: verification.metadata,
    test: verification.test,
    identityChanged: verification.identityChanged,
    attemptsRemaining: Math.max(0, policy.maxAttempts - verification.attempts),
    sendsRemaining,
    createdAt: verification.createdAt,
    expiresAt: verification.expiresAt,
    resendAt: canResend ? resendAt(verification) : null,
    closedAt: verification.closedAt,
    messages,
  };
}

/** A verification with what sending it again needs: what the code is proved for, and who requested it. */
export interface OpenedVerification {
  readonly verification: VerificationSnapshot;
  readonly session: SessionTag | null;
  readonly attribution: Attribution;
  readonly codeLength: number | null;
  readonly codeCheckedBy: CodeCheckedBy;
  /** The first of its channels that has not carried the code; null when there is none. */
  readonly nextChannel: ChannelName | null;
}

export function openedOf(verification: Verification): OpenedVerification {
  const { session, attribution, codeLength, codeCheckedBy } = verification;
  return {
    verification: snapshotOf(verification),
    session,
    attribution,
    codeLength,
    codeCheckedBy,
    nextChannel: nextChannel(verification),
  };
}

/** When the wait after the newest message ends. */
export function resendAt(verification: Verification): number {
  const { policy, messages, createdAt } = verification;
  const waits = policy.resendAfterSeconds;
  const wait = waits[Math.min(countedSends(verification), waits.length) - 1] ?? 0;
  return (messages.at(-1)?.createdAt ?? createdAt) + wait * 1000;
}
