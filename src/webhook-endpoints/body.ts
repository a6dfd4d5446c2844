import type { Event } from "../events/event.ts";
import type { GuardEvent } from "../guard/decision.ts";
import { recipientOf } from "../ids/notification-id.ts";
import { ownerOf } from "../ids/verification-id.ts";
import type { NotificationEvent } from "../notifications/notification.ts";
import type { VerificationEvent } from "../phone-number/event.ts";
import type { Keyring } from "../platform/keyring.ts";
import { toIso } from "../platform/time.ts";
import { toDecisionBody } from "../wire/guard-decision.ts";
import { toNotificationBody } from "../wire/notification.ts";
import { toVerificationBody } from "../wire/verification.ts";

/**
 * What an endpoint gets: `{ type, timestamp, data }`, as Standard Webhooks has it. This is the one moment
 * at which an event's phone numbers are opened; the text goes to the receiver and nowhere else.
 */
export function bodyOf(event: Event, keyring: Keyring): string {
  if (event.kind === "verification") return serialize(event, verification(event, keyring));
  if (event.kind === "notification") return serialize(event, notification(event, keyring));
  if (event.kind === "guard") return serialize(event, guardDecision(event, keyring));
  const sealed = Object.entries(event.sealed ?? {});
  const opened = new Map(sealed.map(([field, text]) => [field, keyring.open(text, event.id)]));
  return serialize(event, event.data, (field, value) => opened.get(field) ?? value);
}

/** @param open Gives a field another value, wherever in the data it stands. */
export function serialize(
  { type, at }: { readonly type: string; readonly at: number },
  data: object,
  open: (field: string, value: unknown) => unknown = (_, value) => value,
): string {
  return JSON.stringify({ type, timestamp: toIso(at), data }, open);
}

/** Both as the API would have answered them at that moment, but for WhatsApp's ids. */
function verification({ verification: { toSealed, ...rest } }: VerificationEvent, keyring: Keyring): object {
  return toVerificationBody({ ...rest, to: keyring.open(toSealed, ownerOf(rest.id)) });
}

/** The team's own systems may need the whole number; the journal has it masked. */
function guardDecision({ decision, toSealed, id }: GuardEvent, keyring: Keyring): object {
  return toDecisionBody({ ...decision, to: keyring.open(toSealed, id) });
}

function notification({ notification: { toSealed, ...rest } }: NotificationEvent, keyring: Keyring): object {
  return toNotificationBody({ ...rest, to: keyring.open(toSealed, recipientOf(rest.id)) });
}
