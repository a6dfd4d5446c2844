import { NOTICE_EVENT_TYPES, type NoticeEvent } from "../channels/channel.ts";
import type { GuardEvent } from "../guard/decision.ts";
import type { Closing } from "../guard/rule.ts";
import { type AppName, DEFAULT_APP } from "../ids/app-name.ts";
import { DEFAULT_VIA } from "../ids/via.ts";
import { NOTIFICATION_EVENT_TYPES, type NotificationEvent } from "../notifications/notification.ts";
import type { VerificationEvent } from "../phone-number/event.ts";
import { VERIFICATION_EVENT_TYPES } from "../phone-number/verification.ts";
import { HOUR_MS } from "../platform/time.ts";

/** The types that webhook endpoints can subscribe to. */
export const EVENT_TYPES = [
  ...VERIFICATION_EVENT_TYPES,
  ...NOTIFICATION_EVENT_TYPES,
  ...NOTICE_EVENT_TYPES,
  "guard.blocked",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * An event on the queue. It is stored before the request that caused it is answered, reaches the queue at least
 * once, and always has the same id, so that consumers detect repeats.
 */
export type Event = VerificationEvent | NotificationEvent | GuardEvent | NoticeEvent;

/**
 * The app whose webhook endpoints receive the event. What concerns the WhatsApp account, and what users write to it,
 * belongs to no app's verification or notification; the default app receives it.
 */
export function appOf(event: Event): AppName {
  switch (event.kind) {
    case "verification":
      return event.verification.app;
    case "notification":
      return event.notification.app;
    case "guard":
      return event.decision.app;
    case "notice":
      return DEFAULT_APP;
  }
}

/** The event with its app: one that an earlier version stored or queued has none, and belongs to the default app. */
export function withApp(event: Event): Event {
  switch (event.kind) {
    case "verification":
      return {
        ...event,
        verification: {
          ...event.verification,
          app: event.verification.app ?? DEFAULT_APP,
          via: event.verification.via ?? DEFAULT_VIA,
          method: event.verification.method ?? "code",
          numberLearned: event.verification.numberLearned ?? false,
          otherNumberEndsWith: event.verification.otherNumberEndsWith ?? null,
        },
      };
    case "notification":
      return {
        ...event,
        notification: { ...event.notification, app: event.notification.app ?? DEFAULT_APP },
      };
    case "guard":
      return { ...event, decision: { ...event.decision, app: event.decision.app ?? DEFAULT_APP } };
    case "notice":
      return event;
  }
}

/** The budget's shortest window: what closed before it says little about the traffic of now. */
const CLOSING_MAX_AGE_MS = HOUR_MS;

/**
 * Selects the verifications that events close, for the guard's counters. These cannot detect a repeated event, so that
 * events which an object hands over again, as after an eviction, are left out. So are those of more than an hour ago, and
 * test numbers, to which nothing was sent.
 *
 * @param now Milliseconds since the epoch.
 */
export function closingsOf(events: readonly Event[], now: number): readonly Closing[] {
  return events.flatMap((event) => {
    if (event.kind !== "verification" || now - event.at >= CLOSING_MAX_AGE_MS) return [];
    const { type, verification, isRepeat = false } = event;
    if (isRepeat) return [];
    // The event that closes a verification is named by its status; later ones are about its messages.
    return type === `verification.${verification.status}` && !verification.test ? verification : [];
  });
}
