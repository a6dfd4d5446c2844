import type { ErrorClass, ProviderError } from "../failure.ts";

/**
 * The scope of an error: this recipient only, or everyone reached in the country, with the template, by the
 * sender, or by the account.
 */
export type Scope = "recipient" | "country" | "template" | "sender" | "account";

export interface WhatsAppError extends ProviderError {
  readonly scope: Scope;
}

/** The sender's messages of all isolates came too fast: the same one goes out a moment later. */
export const OVER_THROUGHPUT = "130429";

/**
 * Meta's error codes for sending (Cloud API, "Error codes"). Titles are ours: they appear in the team's logs
 * and answers, and Meta's wording changes between versions.
 */
const ERRORS: Readonly<Record<number, readonly [ErrorClass, Scope, string]>> = {
  0: ["fix", "account", "The access token is invalid or has expired"],
  1: ["retry", "recipient", "WhatsApp could not serve the request"],
  2: ["retry", "recipient", "WhatsApp is down or overloaded"],
  3: ["fix", "account", "The app lacks a capability or permission"],
  4: ["backoff", "account", "The app is over its call rate"],
  10: ["fix", "account", "A permission is missing or was removed"],
  33: ["fix", "sender", "The business phone number is unknown or was deleted"],
  100: ["bug", "recipient", "A parameter is invalid"],
  190: ["fix", "account", "The access token has expired"],
  368: ["stop", "account", "The business account is restricted for a policy violation"],
  80007: ["backoff", "account", "The business account is over its rate"],
  130429: ["backoff", "sender", "The sender is over its throughput"],
  130472: ["fallback", "recipient", "The number is part of an experiment by WhatsApp"],
  130497: ["fallback", "country", "The business account may not message this country"],
  131000: ["retry", "recipient", "WhatsApp could not process the message"],
  131005: ["fix", "account", "Access was denied"],
  131008: ["bug", "recipient", "A required parameter is missing"],
  131009: ["bug", "recipient", "A parameter's value is invalid"],
  131016: ["retry", "recipient", "WhatsApp is temporarily unavailable"],
  131021: ["fallback", "recipient", "The recipient is the sender"],
  131026: ["fallback", "recipient", "The number cannot be reached on WhatsApp"],
  131030: ["fix", "recipient", "A test sender may not message this number: it is not on its list"],
  131031: ["stop", "account", "The business account is locked"],
  131037: ["fix", "sender", "The sender's display name is not approved"],
  131042: ["stop", "account", "The business account has a payment problem"],
  131045: ["fix", "sender", "The sender is not registered correctly"],
  131047: ["bug", "recipient", "A free-form message was sent outside the user's 24-hour window"],
  131048: ["stop", "sender", "The sender is limited because users reported it"],
  131049: ["fallback", "recipient", "WhatsApp withheld the message from this user"],
  131050: ["fallback", "recipient", "The user does not want messages from this business"],
  131051: ["bug", "recipient", "The message type is not supported"],
  131052: ["fallback", "recipient", "Media from the user could not be downloaded"],
  131053: ["bug", "recipient", "Media could not be uploaded"],
  131056: ["backoff", "recipient", "Too many messages to this number in a short time"],
  131057: ["retry", "recipient", "The sender is in maintenance"],
  131062: ["bug", "recipient", "Authentication templates need a phone number, not a user id"],
  131063: ["bug", "recipient", "Marketing templates are disabled for this API"],
  131064: ["stop", "account", "The business account is limited for template violations"],
  132000: ["bug", "recipient", "The template has another number of parameters"],
  132001: ["fix", "template", "The template does not exist in this language or is not approved"],
  132005: ["bug", "recipient", "The text with its parameters is too long"],
  132007: ["fix", "template", "The text breaks WhatsApp's character policy"],
  132008: ["bug", "recipient", "A template parameter's value is invalid"],
  132012: ["bug", "recipient", "A template parameter has the wrong format"],
  132015: ["fix", "template", "The template is paused for low quality"],
  132016: ["fix", "template", "The template was disabled for low quality"],
  132018: ["bug", "recipient", "A template component's parameters are wrong"],
  132068: ["bug", "recipient", "The flow is blocked"],
  132069: ["bug", "recipient", "The flow is throttled"],
  133000: ["fix", "sender", "The sender was not deregistered completely"],
  133004: ["retry", "recipient", "WhatsApp's registration service is temporarily unavailable"],
  133005: ["fix", "sender", "The sender's two-step verification PIN is wrong"],
  133006: ["fix", "sender", "The sender has to be verified again"],
  133008: ["fix", "sender", "Too many guesses of the sender's PIN"],
  133009: ["fix", "sender", "The sender's PIN was entered too quickly"],
  133010: ["fix", "sender", "The sender is not registered"],
  133015: ["fix", "sender", "The sender was deleted recently and is not ready yet"],
  133016: ["fix", "sender", "The sender was registered or deregistered too often"],
  134011: ["fix", "sender", "The business is not eligible"],
  135000: ["bug", "recipient", "WhatsApp did not understand the request"],
  137000: ["fallback", "recipient", "The user's WhatsApp identity has changed"],
};

/** Permission errors use a range of codes. */
const PERMISSION_CODES = { from: 200, to: 299 };

/** The Graph API reports an unknown id in the path as an invalid parameter (100) with this subcode. */
const UNKNOWN_ID = { code: 100, subcode: 33 };

/** What else the answer contained, for codes that are ambiguous or unknown. */
interface ErrorHint {
  readonly httpStatus?: number | undefined;
  readonly subcode?: number | undefined;
  readonly isTransient?: boolean | undefined;
}

/**
 * Classifies a WhatsApp error. A code that is not in the table is retried once if WhatsApp marks it transient
 * or answered with a 5xx; otherwise the next channel is used, so that an unknown error does not cost the user
 * the code.
 */
export function classify(code: number, hint: ErrorHint = {}): WhatsAppError {
  const known = ERRORS[tableCode(code, hint)];
  if (known !== undefined) return { code: String(code), class: known[0], scope: known[1], title: known[2] };
  const isTransient = hint.isTransient === true || (hint.httpStatus ?? 0) >= 500;
  return {
    code: String(code),
    class: isTransient ? "retry" : "fallback",
    scope: "recipient",
    title: "Unknown WhatsApp error",
  };
}

function tableCode(code: number, { subcode }: ErrorHint): number {
  if (code === UNKNOWN_ID.code && subcode === UNKNOWN_ID.subcode) return UNKNOWN_ID.subcode;
  return code >= PERMISSION_CODES.from && code <= PERMISSION_CODES.to ? 10 : code;
}
