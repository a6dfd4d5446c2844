import { type Payload, templatePayload, textPayload } from "../channels/whatsapp/payload.ts";
import type { NotificationId } from "../ids/notification-id.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import type { NotificationContent, NotificationJob } from "./notification.ts";

/** Seals what a notification says, so that it opens for this notification only. */
export function sealContent(keyring: Keyring, id: NotificationId, content: NotificationContent): string {
  return keyring.seal(JSON.stringify(content), id);
}

/** Opens what {@link sealContent} made; null when its key is gone. */
export function openContent(
  keyring: Keyring,
  { id, sealed }: Pick<NotificationJob, "id" | "sealed">,
): NotificationContent | null {
  try {
    // What opens under our key is what we have sealed.
    return JSON.parse(keyring.open(sealed, id)) as NotificationContent;
  } catch (error) {
    log("error", "A notification cannot be opened", { error: String(error) });
    return null;
  }
}

/** A notification as WhatsApp takes it. Its id comes back with every status update. */
export function payloadOf(id: NotificationId, { to, says }: NotificationContent): Payload {
  const address = { to, callbackData: id };
  return says.kind === "text"
    ? textPayload(address, says.text)
    : templatePayload(address, says, says.components);
}
