/**
 * What to do about an error, whether it came as an answer or by webhook:
 *
 * - `retry`: one quick retry; it tends to pass.
 * - `backoff`: too many messages; not now, and not again at once.
 * - `fallback`: this user cannot be reached here; another channel may.
 * - `fix`: an operator has to change something; every user is affected.
 * - `stop`: the account is blocked.
 * - `bug`: our request is wrong.
 */
export type ErrorClass = "retry" | "backoff" | "fallback" | "fix" | "stop" | "bug";

/** What is known of one of WhatsApp's error codes. */
export interface WhatsAppError {
  readonly code: string;
  readonly class: ErrorClass;
  readonly title: string;
}

/**
 * Meta's error codes for sending (Cloud API, "Error codes"). Titles are ours, for they reach the team's
 * logs and answers; Meta's wording changes from version to version.
 */
const ERRORS: Readonly<Record<number, readonly [ErrorClass, string]>> = {
  0: ["fix", "The access token is invalid or has expired"],
  1: ["retry", "WhatsApp could not serve the request"],
  2: ["retry", "WhatsApp is down or overloaded"],
  3: ["fix", "The app lacks a capability or permission"],
  4: ["backoff", "The app is over its call rate"],
  10: ["fix", "A permission is missing or was removed"],
  33: ["fix", "The business phone number is unknown or was deleted"],
  100: ["bug", "A parameter is invalid"],
  190: ["fix", "The access token has expired"],
  368: ["stop", "The business account is restricted for a policy violation"],
  80007: ["backoff", "The business account is over its rate"],
  130429: ["backoff", "The sender is over its throughput"],
  130472: ["fallback", "The number is part of an experiment by WhatsApp"],
  130497: ["fallback", "The business account may not message this country"],
  131000: ["retry", "WhatsApp could not process the message"],
  131005: ["fix", "Access was denied"],
  131008: ["bug", "A required parameter is missing"],
  131009: ["bug", "A parameter's value is invalid"],
  131016: ["retry", "WhatsApp is temporarily unavailable"],
  131021: ["fallback", "The recipient is the sender"],
  131026: ["fallback", "The number cannot be reached on WhatsApp"],
  131030: ["fix", "A test sender may not message this number: it is not on its list"],
  131031: ["stop", "The business account is locked"],
  131037: ["fix", "The sender's display name is not approved"],
  131042: ["stop", "The business account has a payment problem"],
  131045: ["fix", "The sender is not registered correctly"],
  131047: ["bug", "A free-form message was sent outside the user's 24-hour window"],
  131048: ["stop", "The sender is limited because users reported it"],
  131049: ["fallback", "WhatsApp withheld the message from this user"],
  131050: ["fallback", "The user does not want messages from this business"],
  131051: ["bug", "The message type is not supported"],
  131052: ["fallback", "Media from the user could not be downloaded"],
  131053: ["bug", "Media could not be uploaded"],
  131056: ["backoff", "Too many messages to this number in a short time"],
  131057: ["retry", "The sender is in maintenance"],
  131062: ["bug", "Authentication templates need a phone number, not a user id"],
  131063: ["bug", "Marketing templates are disabled for this API"],
  131064: ["stop", "The business account is limited for template violations"],
  132000: ["bug", "The template has another number of parameters"],
  132001: ["fix", "The template does not exist in this language or is not approved"],
  132005: ["bug", "The text with its parameters is too long"],
  132007: ["fix", "The text breaks WhatsApp's character policy"],
  132008: ["bug", "A template parameter's value is invalid"],
  132012: ["bug", "A template parameter has the wrong format"],
  132015: ["fix", "The template is paused for low quality"],
  132016: ["fix", "The template was disabled for low quality"],
  132018: ["bug", "A template component's parameters are wrong"],
  132068: ["bug", "The flow is blocked"],
  132069: ["bug", "The flow is throttled"],
  133000: ["fix", "The sender was not deregistered completely"],
  133004: ["retry", "WhatsApp's registration service is temporarily unavailable"],
  133005: ["fix", "The sender's two-step verification PIN is wrong"],
  133006: ["fix", "The sender has to be verified again"],
  133008: ["fix", "Too many guesses of the sender's PIN"],
  133009: ["fix", "The sender's PIN was entered too quickly"],
  133010: ["fix", "The sender is not registered"],
  133015: ["fix", "The sender was deleted recently and is not ready yet"],
  133016: ["fix", "The sender was registered or deregistered too often"],
  134011: ["fix", "The business is not eligible"],
  135000: ["bug", "WhatsApp did not understand the request"],
  137000: ["fallback", "The user's WhatsApp identity has changed"],
};

/** Permissions occupy a whole range of codes. */
const PERMISSION_CODES = { from: 200, to: 299 };

/** The Graph API's way to say that an id in the path is unknown: an invalid parameter (100) with this subcode. */
const UNKNOWN_ID = { code: 100, subcode: 33 };

/** What came with a code and decides where the code alone does not. */
interface ErrorHint {
  readonly httpStatus?: number;
  readonly subcode?: number;
  readonly isTransient?: boolean;
}

/**
 * Classifies an error of WhatsApp's. A code that is not in the table gets one quick retry if WhatsApp calls
 * it transient or answered with a 5xx, else the next channel: an unknown error must cost no user the code.
 */
export function classify(code: number, hint: ErrorHint = {}): WhatsAppError {
  const known = ERRORS[tableCode(code, hint)];
  if (known !== undefined) return { code: String(code), class: known[0], title: known[1] };
  const passing = hint.isTransient === true || (hint.httpStatus ?? 0) >= 500;
  return {
    code: String(code),
    class: passing ? "retry" : "fallback",
    title: "An unknown error of WhatsApp's",
  };
}

function tableCode(code: number, { subcode }: ErrorHint): number {
  if (code === UNKNOWN_ID.code && subcode === UNKNOWN_ID.subcode) return UNKNOWN_ID.subcode;
  return code >= PERMISSION_CODES.from && code <= PERMISSION_CODES.to ? 10 : code;
}

/** What the team, or the app, can do about an error of each class. */
export const ACTIONS: Readonly<Record<ErrorClass, string>> = {
  retry: "Try again in a moment.",
  backoff: "Wait before sending more.",
  fallback: "Reach this user another way.",
  fix: "An operator has to correct the WhatsApp account's settings.",
  stop: "An operator has to clear the block on the WhatsApp account.",
  bug: "Report it: the request was wrong.",
};
