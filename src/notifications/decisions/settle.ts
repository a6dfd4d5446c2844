import type { NotificationId } from "../../ids/notification-id.ts";
import type { MessageError } from "../../messages/message.ts";
import type { ChannelFailure, SendResult } from "../../messages/send-result.ts";
import {
  advance,
  type ContactState,
  failed,
  find,
  isWaiting,
  type Notification,
  put,
  snapshotOf,
} from "../contact-state.ts";
import type { JobOutcome, NotificationSnapshot } from "../notification.ts";
import { isOptOut } from "../refusals.ts";
import { later, outcomeOf } from "./claim.ts";
import { optOut } from "./consent.ts";

export interface SettleCommand {
  readonly id: NotificationId;
  readonly result: SendResult;
  /** True where no job will come again: then a refusal is final, be it ever so temporary. */
  readonly isLast: boolean;
}

export interface Settled {
  readonly outcome: JobOutcome;
  /** Null when the object has forgotten it meanwhile. */
  readonly notification: NotificationSnapshot | null;
}

/** How long a temporary refusal delays the job: half of what it has waited already, within these. */
const SHORTEST_DELAY_MS = 15_000;
const LONGEST_DELAY_MS = 1_800_000;

/**
 * Takes in what became of a send. After a temporary refusal the notification waits for its job to come again,
 * for a day; where the provider did not answer it stays taken, for it may be on its way.
 */
export function settle(
  before: ContactState,
  command: SettleCommand,
  now: number,
): { readonly state: ContactState; readonly outcome: Settled } {
  const advanced = advance(before, now);
  const known = find(advanced, command.id);
  if (known === undefined)
    return { state: advanced, outcome: { outcome: { kind: "sent" }, notification: null } };
  const notification = withResult(known, command, now);
  const isRefusal = notification.status === "failed" && isOptOut(notification.error);
  const state = isRefusal ? optOut(advanced, now) : advanced;
  const mayComeAgain = isWaiting(notification) && notification.takenAt === null;
  const wait = (now - notification.createdAt) / 2;
  return {
    state: put(state, notification),
    outcome: {
      outcome: mayComeAgain
        ? later(Math.min(Math.max(wait, SHORTEST_DELAY_MS), LONGEST_DELAY_MS))
        : outcomeOf(notification),
      notification: snapshotOf(notification),
    },
  };
}

/** A status update may have come before: then it knows better than the answer. */
function withResult(one: Notification, { result, isLast }: SettleCommand, now: number): Notification {
  if (result.kind === "accepted") {
    const error = one.status === "failed" ? one.error : null;
    return { ...one, providerMessageId: one.providerMessageId ?? result.providerMessageId, error };
  }
  if (!isWaiting(one)) return one;
  const error = errorOf(result.failure);
  if (result.kind === "unknown") return { ...one, error };
  if (result.failure.temporary && !isLast) return { ...one, error, takenAt: null };
  return failed(one, error, now);
}

function errorOf({ code, title, action }: ChannelFailure): MessageError {
  return { code, title, action };
}
