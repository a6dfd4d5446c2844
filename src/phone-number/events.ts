import type { Message } from "../messages/message.ts";
import type { EventVerification, VerificationEvent } from "./event.ts";
import type { PhoneState } from "./phone-state.ts";
import { snapshotOf } from "./snapshot.ts";
import type { Verification } from "./verification.ts";

/**
 * Adds to the outbox what a decision has changed, by comparing the record before it with the one after. One
 * place for all decisions, so that none can forget an event; and in the same write as the decision, so that
 * no event is lost. An event that nobody wants and the journal does not need is not made at all.
 */
export function withEvents(before: PhoneState, after: PhoneState, now: number): PhoneState {
  if (after.verifications === before.verifications) return after;
  const events: VerificationEvent[] = [];
  const verifications = after.verifications.map((verification) => {
    const former = before.verifications.find(({ id }) => id === verification.id);
    if (former === verification) return verification;
    const types = changes(former, verification).filter((type) => isNeeded(type, former, verification));
    let current = verification;
    for (const type of types) {
      current = { ...current, revision: current.revision + 1 };
      events.push(toEvent(type, current, now));
    }
    return current;
  });
  return events.length === 0 ? after : { ...after, verifications, outbox: [...after.outbox, ...events] };
}

type Type = VerificationEvent["type"];

function changes(former: Verification | undefined, verification: Verification): Type[] {
  const messages = verification.messages.filter((message, ordinal) =>
    hasChanged(former?.messages[ordinal], message),
  );
  const types: Type[] = former === undefined ? ["verification.started"] : [];
  types.push(...messages.map(() => "verification.message" as const));
  const { status } = verification;
  if (status !== "pending" && status !== former?.status) types.push(`verification.${status}`);
  return types;
}

function hasChanged(former: Message | undefined, message: Message): boolean {
  if (former === undefined) return true;
  const fields = ["status", "pricing", "sentAt", "deliveredAt", "readAt"] as const;
  return fields.some((field) => former[field] !== message[field]);
}

/** The journal takes a verification as it closes, and what its messages become after that. */
function isNeeded(type: Type, former: Verification | undefined, verification: Verification): boolean {
  if (verification.subscribedTypes.includes(type)) return true;
  if (type === "verification.started") return false;
  return type !== "verification.message" || (former !== undefined && former.status !== "pending");
}

function toEvent(type: Type, verification: Verification, now: number): VerificationEvent {
  const { to: _, ...snapshot } = snapshotOf(verification);
  // WhatsApp's message ids contain the number; whoever needs one reads the verification.
  const messages = snapshot.messages.map((message) => ({ ...message, providerMessageId: null }));
  const { id, revision, numberInEvents } = verification;
  const told: EventVerification = { ...snapshot, ...numberInEvents, messages, revision };
  return { kind: "verification", id: `evt_${id.slice(4)}_${revision}`, type, at: now, verification: told };
}
