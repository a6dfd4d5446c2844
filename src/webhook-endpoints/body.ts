import { appOf, type Event } from "../events/event.ts";
import { recipientOf } from "../ids/notification-id.ts";
import { ownerOf } from "../ids/verification-id.ts";
import type { Keyring } from "../platform/keyring.ts";
import { toIso } from "../platform/time.ts";
import { toDecisionBody } from "../wire/guard-decision.ts";
import { toNotificationBody } from "../wire/notification.ts";
import { toVerificationBody } from "../wire/verification.ts";

/**
 * Serializes an event as the body of a webhook: `{ type, timestamp, data }`, the format that Standard Webhooks
 * recommends, where `data` is what the API would have answered at that time. Only here are the phone numbers of an
 * event decrypted, and the text goes only to the receiver.
 *
 * Throws when the event was sealed under a `SECRET_KEY` that is no longer configured.
 */
export function bodyOf(event: Event, keyring: Keyring): string {
  switch (event.kind) {
    case "verification": {
      const { toSealed, ...verification } = event.verification;
      const to = toSealed === "" ? null : keyring.open(toSealed, ownerOf(verification.id));
      return serialize(event, toVerificationBody({ ...verification, to }));
    }
    case "notification": {
      const { toSealed, ...notification } = event.notification;
      const to = keyring.open(toSealed, recipientOf(notification.id));
      return serialize(event, toNotificationBody({ ...notification, to }));
    }
    case "guard": {
      const to = event.toSealed === null ? "" : keyring.open(event.toSealed, event.id);
      return serialize(event, toDecisionBody({ ...event.decision, to }));
    }
    case "notice": {
      const sealed = Object.entries(event.sealed ?? {});
      const opened = new Map(sealed.map(([field, text]) => [field, keyring.open(text, event.id)]));
      return serialize(
        event,
        { app: appOf(event), ...event.data },
        (field, value) => opened.get(field) ?? value,
      );
    }
  }
}

/** @param replacer Returns the value of each field of the data, at any depth. */
export function serialize(
  { type, at }: { readonly type: string; readonly at: number },
  data: object,
  replacer?: (field: string, value: unknown) => unknown,
): string {
  return JSON.stringify({ type, timestamp: toIso(at), data }, replacer);
}
