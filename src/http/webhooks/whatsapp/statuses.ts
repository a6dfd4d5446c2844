import type { NotificationStatus, StatusUpdate } from "../../../channels/channel.ts";
import type { Notifications } from "../../../notifications/notifications.ts";
import type { Verifications } from "../../../verification/verifications.ts";

interface Recorders {
  readonly verifications: Verifications;
  readonly notifications: Notifications;
}

/**
 * Routes each status update to what it is about: a code's message, or a notification. WhatsApp does not document that
 * every `failed` echoes the callback data. An update without any is shown to the notifications first, which know the ids
 * of their messages; the updates that they do not know belong to codes.
 *
 * @returns One promise for each object, rejected when its updates were not stored.
 */
export function recordStatuses(
  statuses: readonly (StatusUpdate | NotificationStatus)[],
  { verifications, notifications }: Recorders,
): readonly Promise<void>[] {
  const byRecipient = Map.groupBy(statuses.filter(isOfCode), ({ recipient }) => recipient);
  return [
    ...notifications.recordUpdates(statuses.filter(isOfNotification)),
    ...[...byRecipient].flatMap(([recipient, updates]) =>
      recipient === null
        ? verifications.recordUpdates(updates)
        : notifications.recordUnreferenced(recipient, updates).then(async (unknown) => {
            await Promise.all(verifications.recordUpdates(unknown));
          }),
    ),
  ];
}

function isOfNotification(status: StatusUpdate | NotificationStatus): status is NotificationStatus {
  return "notification" in status.update;
}

function isOfCode(status: StatusUpdate | NotificationStatus): status is StatusUpdate {
  return "message" in status.update;
}
