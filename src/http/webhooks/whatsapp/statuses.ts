import type { NotificationStatus, StatusUpdate } from "../../../channels/channel.ts";
import type { CircuitReport } from "../../../channels/whatsapp/account-updates.ts";
import { ACCOUNT_KEY, circuitKey } from "../../../channels/whatsapp/circuit-keys.ts";
import { logError } from "../../../channels/whatsapp/error-details.ts";
import { OVER_THROUGHPUT } from "../../../channels/whatsapp/errors.ts";
import type { SharedCircuits } from "../../../channels/whatsapp/shared-circuits.ts";
import { readStatuses, type StatusFailure, type WhatsAppStatus } from "../../../channels/whatsapp/updates.ts";
import { type Change, type OnSkipped, senderOf } from "../../../channels/whatsapp/webhook.ts";
import type { FailedMessage } from "../../../messages/delivery-update.ts";
import type { Notifications } from "../../../notifications/notifications.ts";
import type { Verifications } from "../../../verification/verifications.ts";

interface Recorders {
  readonly verifications: Verifications;
  readonly notifications: Notifications;
  readonly circuits: SharedCircuits;
}

/** A status and the sender of its message. */
interface SenderStatus {
  readonly sender: string | null;
  readonly status: WhatsAppStatus;
}

/**
 * Routes each status update to what it is about: a code's message, or a notification. WhatsApp does not document that
 * every `failed` echoes the callback data. An update without any is shown to the notifications first, which know the ids
 * of their messages; the updates that they do not know belong to codes. An error of more than one recipient is acted on
 * only where an object knows its message as ours.
 *
 * @returns One promise for each object, rejected when its updates were not stored.
 */
export function recordStatuses(
  changes: readonly Change[],
  { verifications, notifications, circuits }: Recorders,
  onSkipped?: OnSkipped,
): readonly Promise<void>[] {
  const reported = changes.flatMap((change) =>
    readStatuses(change, onSkipped).map((status) => ({ sender: senderOf(change), status })),
  );
  logFailures(reported);
  for (const entry of reported) recordSent(entry, circuits);
  const failures = new Map(
    reported
      .filter(({ status }) => status.failure !== undefined)
      .map((entry) => [entry.status.update.providerMessageId, entry] as const),
  );
  const reportFailed = (failed: readonly FailedMessage[]) =>
    circuits.applyReports(failed.flatMap((message) => observedReport(message, failures, circuits) ?? []));

  const statuses = reported.map(({ status }) => status);
  const byRecipient = Map.groupBy(statuses.filter(isOfCode), ({ recipient }) => recipient);
  return [
    ...notifications.recordUpdates(statuses.filter(isOfNotification)),
    ...[...byRecipient].flatMap(([recipient, updates]) =>
      recipient === null
        ? verifications.recordUpdates(updates)
        : recordUnreferenced(recipient, updates, { verifications, notifications }),
    ),
  ].map(async (failed) => reportFailed(await failed));
}

async function recordUnreferenced(
  recipient: NonNullable<StatusUpdate["recipient"]>,
  updates: readonly StatusUpdate[],
  { verifications, notifications }: Pick<Recorders, "verifications" | "notifications">,
): Promise<readonly FailedMessage[]> {
  const { unknown, failed } = await notifications.recordUnreferenced(recipient, updates);
  const ofCodes = await Promise.all(verifications.recordUpdates(unknown));
  return [...failed, ...ofCodes.flat()];
}

/** Any status of ours shows that webhooks arrive; a message of ours that left proves that its sender and the account work. */
function recordSent({ sender, status: { update } }: SenderStatus, circuits: SharedCircuits): void {
  const isOurs = "notification" in update ? update.notification !== null : update.message !== null;
  if (!isOurs) return;
  circuits.observations.recordReport(update.status, Date.now());
  if (update.status !== "sent") return;
  circuits.recordSent(ACCOUNT_KEY, update.at);
  const key = circuitKey("sender", { phoneNumberId: sender, country: null, template: null });
  if (key !== null) circuits.recordSent(key, update.at);
}

function observedReport(
  message: FailedMessage,
  failures: ReadonlyMap<string, SenderStatus>,
  circuits: SharedCircuits,
): CircuitReport | null {
  const error = failures.get(message.providerMessageId)?.status.failure?.error;
  if (error !== undefined) circuits.observations.recordError(error.code, message.country, Date.now());
  return toReport(message, failures);
}

function toReport(
  { providerMessageId, country, template, language }: FailedMessage,
  failures: ReadonlyMap<string, SenderStatus>,
): CircuitReport | null {
  const found = failures.get(providerMessageId);
  const error = found?.status.failure?.error;
  if (found === undefined || error === undefined || error.code === OVER_THROUGHPUT) return null;
  const key = circuitKey(error.scope, {
    phoneNumberId: found.sender,
    country,
    template: template === null || language === null ? null : { name: template, language },
  });
  return key === null ? null : { key, error, at: found.status.update.at };
}

/** One line for each error, however many messages met it. */
function logFailures(statuses: readonly SenderStatus[]): void {
  const failures = statuses.flatMap(({ status }) => status.failure ?? []);
  const byWords = Map.groupBy(failures, ({ details }) => `${details.code} ${details.details}`);
  for (const same of byWords.values()) {
    const [first] = same;
    if (first !== undefined) logFailure(first, same.length);
  }
}

function logFailure({ details }: StatusFailure, count: number): void {
  logError("WhatsApp reported messages as failed", details, count);
}

function isOfNotification(status: WhatsAppStatus): status is NotificationStatus {
  return "notification" in status.update;
}

function isOfCode(status: WhatsAppStatus): status is StatusUpdate {
  return "message" in status.update;
}
