import type { CodeCheckedBy } from "../codes/code.ts";
import type { ProtectedNumber } from "../ids/protected-number.ts";
import type { Message } from "../messages/message.ts";
import { snapshotOf, type VerificationSnapshot } from "./snapshot.ts";
import type { Verification, VerificationEventType } from "./verification.ts";

/** Something that happened to a verification, for the journal and the webhook endpoints. */
export interface VerificationEvent {
  readonly kind: "verification";
  /** `evt_`, the verification's id and its revision: the same however often it is handed over. */
  readonly id: string;
  readonly type: VerificationEventType;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly verification: EventVerification;
  /** Set on the queue where the object cannot tell whether an earlier instance has handed it over. */
  readonly isRepeat?: boolean;
}

/** A verification as an event carries it. */
export interface EventVerification extends Omit<VerificationSnapshot, "to">, ProtectedNumber {
  /** The tag of the network that requested the code, for the guard; null where the caller did not name one. */
  readonly network: string | null;
  /** For the guard: the range budget leaves out what the caller checks, until it is approved. */
  readonly codeCheckedBy: CodeCheckedBy;
  /** Grows with each event of this verification: of two, the larger one is newer. */
  readonly revision: number;
}

/**
 * The types of event that a change causes. Types that no webhook endpoint subscribes to and the journal does
 * not need are left out.
 */
export function eventTypesOf(
  before: Verification | undefined,
  after: Verification,
): readonly VerificationEventType[] {
  const types: VerificationEventType[] = before === undefined ? ["verification.started"] : [];
  for (const [ordinal, message] of after.messages.entries()) {
    if (hasChanged(before?.messages[ordinal], message)) types.push("verification.message");
  }
  const { status } = after;
  if (status !== "pending" && status !== before?.status) types.push(`verification.${status}`);
  return types.filter((type) => isNeeded(type, before, after));
}

function hasChanged(before: Message | undefined, after: Message): boolean {
  if (before === undefined) return true;
  const fields = ["status", "pricing", "sentAt", "deliveredAt", "readAt"] as const;
  return fields.some((field) => before[field] !== after[field]);
}

/** The journal needs the end of a verification, and the changes of its messages after that. */
function isNeeded(
  type: VerificationEventType,
  before: Verification | undefined,
  { subscribedTypes }: Verification,
): boolean {
  if (subscribedTypes.includes(type)) return true;
  if (type === "verification.started") return false;
  return type !== "verification.message" || (before !== undefined && before.status !== "pending");
}

/** The event of a verification at its current revision. */
export function toEvent(
  type: VerificationEventType,
  verification: Verification,
  now: number,
): VerificationEvent {
  const { to: _, ...snapshot } = snapshotOf(verification);
  // WhatsApp's message ids contain the phone number; the API's answer has them.
  const messages = snapshot.messages.map((message) => ({ ...message, providerMessageId: null }));
  const { id, revision, protectedNumber, attribution, codeCheckedBy } = verification;
  return {
    kind: "verification",
    id: `evt_${id.slice(4)}_${revision}`,
    type,
    at: now,
    verification: {
      ...snapshot,
      ...protectedNumber,
      network: attribution.network,
      codeCheckedBy,
      messages,
      revision,
    },
  };
}
