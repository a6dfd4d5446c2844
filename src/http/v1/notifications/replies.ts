import { MOST_WAITING } from "../../../notifications/contact-state.ts";
import type { ReplyOutcome } from "../../../notifications/conversation.ts";
import type { SendOutcome } from "../../../notifications/notifications.ts";
import { Problem } from "../../../platform/problem.ts";
import { DAY_MS, toIso } from "../../../platform/time.ts";
import { toNotificationBody } from "../../../wire/notification.ts";
import type { Reply } from "../../endpoint.ts";
import { withFaults } from "../../parse-input.ts";
import { shownFailure } from "../failures.ts";

const BUSY_FOR_SECONDS = 60;
const RETRY_AFTER_SECONDS = 5;

/** The reply to a notification or a message. Throws a problem when it was not accepted. */
export function replyTo(outcome: SendOutcome | ReplyOutcome): Reply {
  switch (outcome.kind) {
    case "accepted": {
      const { notification } = outcome;
      const { status, to } = notification;
      return { status: 202, body: toNotificationBody(notification), outcome: status, to };
    }
    case "faults":
      throw withFaults("invalid_request", outcome.faults);
    case "busy":
      throw new Problem("send_limit_reached", {
        detail: `${MOST_WAITING} notifications wait for this number.`,
        retryAfterSeconds: BUSY_FOR_SECONDS,
        limit: { name: "waiting-per-number", quota: MOST_WAITING, windowSeconds: DAY_MS / 1000 },
      });
    case "idempotency_mismatch":
      throw new Problem("idempotency_mismatch");
    case "idempotency_in_progress":
      throw new Problem("idempotency_in_progress", {
        retryAfterSeconds: Math.max(1, Math.ceil(outcome.retryAfterMs / 1000)),
      });
    case "closed":
      throw new Problem("window_closed", { detail: whyClosed(outcome.endedAt) });
    case "refused": {
      const { temporary, retryAfterMs } = outcome.failure;
      const shown = shownFailure(outcome.failure);
      if (!temporary) throw new Problem("channel_failed", shown);
      const seconds = retryAfterMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(retryAfterMs / 1000);
      throw new Problem("channel_unavailable", { ...shown, retryAfterSeconds: Math.max(1, seconds) });
    }
  }
}

function whyClosed(endedAt: number | null): string {
  return endedAt === null
    ? "The user has not written to this business, or not for a week."
    : `It closed at ${toIso(endedAt)}; it opens when the user writes.`;
}
