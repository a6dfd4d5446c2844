import type { GuardDecision } from "../guard/decision.ts";
import type { NotificationSnapshot } from "../notifications/notification.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";

/** What other systems can be told of (api.md, "Events to the team's own systems"). */
export const EVENT_TYPES = [
  "verification.started",
  "verification.approved",
  "verification.expired",
  "verification.canceled",
  "verification.failed",
  "verification.message",
  "notification.sent",
  "notification.delivered",
  "notification.read",
  "notification.failed",
  "message.received",
  "template.updated",
  "sender.updated",
  "guard.blocked",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * Something that happened, on its way through the queue. It is durable before whoever caused it gets an
 * answer, arrives at least once, and keeps its id, so that repeats are recognised.
 */
export type Event = VerificationEvent | NotificationEvent | GuardEvent | NoticeEvent;

export interface VerificationEvent {
  readonly kind: "verification";
  /** `evt_`, the verification's id and its revision: the same however often it is handed over. */
  readonly id: string;
  readonly type: Extract<EventType, `verification.${string}`>;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly verification: EventVerification;
}

/** A verification as an event carries it. */
export interface EventVerification extends Omit<VerificationSnapshot, "to">, NumberInEvents {
  /** Grows with every event of this verification: of two, the larger is the newer truth. */
  readonly revision: number;
}

/** Each change of a notification. The journal takes all of them. */
export interface NotificationEvent {
  readonly kind: "notification";
  /** `evt_`, the notification's id and its revision. */
  readonly id: string;
  readonly type: Extract<EventType, `notification.${string}`>;
  readonly at: number;
  readonly notification: EventNotification;
}

/** A notification as an event carries it. */
export interface EventNotification extends Omit<NotificationSnapshot, "to">, NumberInEvents {
  readonly revision: number;
}

/** A phone number as events carry it: the whole one only in sealed form. */
export interface NumberInEvents {
  readonly toMasked: string;
  /** Opens with `keyring.open(toSealed, name)`, the name being the one of the number's object. */
  readonly toSealed: string;
  /** ISO 3166-1 alpha-2; null where the number's plan belongs to no one country. */
  readonly country: string | null;
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

/** Something about the channel and not about one verification. */
export interface NoticeEvent {
  readonly kind: "notice";
  readonly id: string;
  readonly type: Exclude<EventType, `verification.${string}` | `notification.${string}` | "guard.blocked">;
  readonly at: number;
  /** What the team's endpoint gets as `data`. Masked phone numbers in it stand whole under `sealed`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** By the field's name in `data`; each opens with `keyring.open(value, id)`, the id being the event's. */
  readonly sealed?: Readonly<Record<string, string>>;
}
