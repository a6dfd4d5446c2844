import { NOTICE_EVENT_TYPES, type NoticeEvent } from "../channels/channel.ts";
import type { GuardEvent } from "../guard/decision.ts";
import { NOTIFICATION_EVENT_TYPES, type NotificationEvent } from "../notifications/notification.ts";
import type { VerificationEvent } from "../phone-number/event.ts";
import { VERIFICATION_EVENT_TYPES } from "../phone-number/verification.ts";

/** What other systems can be told of (api.md, "Events to the team's own systems"). */
export const EVENT_TYPES = [
  ...VERIFICATION_EVENT_TYPES,
  ...NOTIFICATION_EVENT_TYPES,
  ...NOTICE_EVENT_TYPES,
  "guard.blocked",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * Something that happened, on its way through the queue. It is durable before whoever caused it gets an
 * answer, arrives at least once, and keeps its id, so that repeats are recognised.
 */
export type Event = VerificationEvent | NotificationEvent | GuardEvent | NoticeEvent;
