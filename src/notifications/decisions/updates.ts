import type { NotificationUpdate } from "../../channels/channel.ts";
import { applyUpdate } from "../../messages/progress.ts";
import { advance, type ContactState, find, put } from "../contact-state.ts";
import { isOptOut } from "../refusals.ts";
import { optOut } from "./consent.ts";

/**
 * Takes in the updates of WhatsApp's webhook for this recipient, in any order and however often. Answers the
 * provider's ids of those that are about no notification it knows.
 */
export function recordUpdates(
  before: ContactState,
  updates: readonly NotificationUpdate[],
  now: number,
): { readonly state: ContactState; readonly outcome: readonly string[] } {
  let state = advance(before, now);
  const unknown: string[] = [];
  for (const update of updates) {
    const known =
      update.notification === null
        ? state.notifications.find((one) => one.providerMessageId === update.providerMessageId)
        : find(state, update.notification);
    if (known === undefined) {
      unknown.push(update.providerMessageId);
      continue;
    }
    const notification = applyUpdate(known, update);
    if (notification === known) continue;
    state = put(state, notification);
    const hasFailed = notification.status === "failed" && known.status !== "failed";
    if (hasFailed && isOptOut(notification.error)) state = optOut(state, notification.updatedAt);
  }
  return { state, outcome: unknown };
}
