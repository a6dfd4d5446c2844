import type { ChannelFailure, ChannelName, SendResult } from "../messages/message.ts";

/**
 * What to do about a provider's error, whether it came as an answer or by webhook:
 *
 * - `retry`: one quick retry; it tends to pass.
 * - `backoff`: too many messages; not now, and not again at once.
 * - `fallback`: this user cannot be reached here; another channel may.
 * - `fix`: an operator has to change something; every user is affected.
 * - `stop`: the account is blocked.
 * - `bug`: our request is wrong.
 */
export type ErrorClass = "retry" | "backoff" | "fallback" | "fix" | "stop" | "bug";

/** What is known of one of a provider's error codes. */
export interface ProviderError {
  readonly code: string;
  readonly class: ErrorClass;
  readonly title: string;
}

/** What the team, or the app, can do about an error of each class. */
export const ACTIONS: Readonly<Record<ErrorClass, string>> = {
  retry: "Try again in a moment.",
  backoff: "Wait before sending more.",
  fallback: "Reach this user another way.",
  fix: "An operator has to correct the provider account's settings.",
  stop: "An operator has to clear the block on the provider account.",
  bug: "Report it: the request was wrong.",
};

/** Classes of errors that the same request may outlive. */
const TEMPORARY: ReadonlySet<ErrorClass> = new Set(["retry", "backoff"]);

/** The provider said no: the message was certainly not sent. */
export function refused(channel: ChannelName, { code, title, class: errorClass }: ProviderError): SendResult {
  const failure: ChannelFailure = {
    channel,
    code,
    title,
    action: ACTIONS[errorClass],
    temporary: TEMPORARY.has(errorClass),
  };
  return { kind: "refused", failure };
}

/** The provider said nothing that makes sense: the message may be on its way. */
export function noAnswer(channel: ChannelName): SendResult {
  const title = "The provider did not answer";
  return {
    kind: "unknown",
    failure: { channel, code: "no_answer", title, temporary: true, action: ACTIONS.retry },
  };
}
