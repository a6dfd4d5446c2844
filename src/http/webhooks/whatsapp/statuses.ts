import type { NotificationStatus, StatusUpdate } from "../../../channels/channel.ts";
import type { Notifications } from "../../../notifications/notifications.ts";
import type { Verifications } from "../../../verification/verifications.ts";

interface Recorders {
  readonly verifications: Verifications;
  readonly notifications: Notifications;
}

/**
 * Brings each status update to what it is about: a code's message, or a notification. WhatsApp is not known to
 * echo the callback data with every `failed`; an update without any is first shown to the notifications, which
 * know the ids of all that went out, and what is none of theirs is a code's.
 *
 * One promise for each object involved, rejected when its updates were not stored.
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
        : notifications.recordUnreferenced(recipient, updates).then(async (others) => {
            await Promise.all(verifications.recordUpdates(others));
          }),
    ),
  ];
}

function isOfNotification(one: StatusUpdate | NotificationStatus): one is NotificationStatus {
  return "notification" in one.update;
}

function isOfCode(one: StatusUpdate | NotificationStatus): one is StatusUpdate {
  return "message" in one.update;
}
