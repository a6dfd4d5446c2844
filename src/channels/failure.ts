import type { ChannelFailure, ChannelName, MessageError, SendResult } from "../messages/message.ts";

/**
 * What to do about a provider's error, whether it came as an answer or by webhook:
 *
 * - `retry`: transient; retry once after a short pause.
 * - `backoff`: rate limited; do not retry at once.
 * - `fallback`: this user cannot be reached on this channel; try the next.
 * - `fix`: an operator has to change a setting; every user is affected.
 * - `stop`: the account is blocked.
 * - `bug`: our request is wrong.
 */
export type ErrorClass = "retry" | "backoff" | "fallback" | "fix" | "stop" | "bug";

/** One error code of a provider, classified. */
export interface ProviderError {
  readonly code: string;
  readonly class: ErrorClass;
  readonly title: string;
  /** The provider's own words about this error, without numbers; undefined where it gave none. */
  readonly details?: string | undefined;
}

/** Classes whose details help the team: something has to be corrected. */
const EXPLAINED: ReadonlySet<ErrorClass> = new Set(["bug", "fix"]);

/** An error as it is stored with a message and shown to key holders. */
export function messageError({ code, title, details, class: errorClass }: ProviderError): MessageError {
  const error = { code, title, action: ACTIONS[errorClass] };
  return details !== undefined && EXPLAINED.has(errorClass) ? { ...error, details } : error;
}

/** The advice shown to the team and the app for each class. */
export const ACTIONS: Readonly<Record<ErrorClass, string>> = {
  retry: "Try again in a moment.",
  backoff: "Wait before sending more.",
  fallback: "Reach this user another way.",
  fix: "An operator has to correct the provider account's settings.",
  stop: "An operator has to clear the block on the provider account.",
  bug: "Report it: the request was wrong.",
};

/** Classes after which the same request may succeed later. */
const TEMPORARY: ReadonlySet<ErrorClass> = new Set(["retry", "backoff"]);

/** The provider rejected the message: it was not sent. */
export function refused(channel: ChannelName, error: ProviderError): SendResult {
  const failure: ChannelFailure = {
    channel,
    ...messageError(error),
    temporary: TEMPORARY.has(error.class),
  };
  return { kind: "refused", failure };
}

/** The provider did not answer, or not in its own format: the message may have been sent. */
export function noAnswer(channel: ChannelName): SendResult {
  const title = "The provider did not answer";
  return {
    kind: "unknown",
    failure: { channel, code: "no_answer", title, temporary: true, action: ACTIONS.retry },
  };
}
