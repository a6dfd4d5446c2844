import type { ProblemCode } from "../../platform/problem.ts";

/** When a problem occurs, and what a developer does about it. Texts of the reference; the Worker does not carry them. */
export interface Remedy {
  readonly when: string;
  readonly remedy: string;
}

/** A problem code without a remedy does not compile. */
export const REMEDIES: Readonly<Record<ProblemCode, Remedy>> = {
  invalid_request: {
    when: "The body is not JSON, has a field that the call does not know, or a value is out of bounds.",
    remedy:
      "Correct what `errors` names: each entry has a JSON Pointer and a sentence. Do not repeat it unchanged.",
  },
  invalid_phone_number: {
    when: "`to` is not a number that can exist.",
    remedy: "Ask for the number with its country code, and show the user the sentence in `errors`.",
  },
  unknown_purpose: {
    when: "`purpose` is none of the deployment's.",
    remedy: "Use one that `errors` lists, or add it under `[vars.PURPOSES]` and deploy.",
  },
  unauthorized: {
    when: "The request has no key, or one that does not exist or was revoked.",
    remedy: "Send `Authorization: Bearer <key>`. A revoked key stops within two minutes.",
  },
  forbidden: {
    when: "The key lacks the scope that `detail` names, or names another app.",
    remedy: "Create a key with that scope, for that app.",
  },
  destination_not_allowed: {
    when: "A country, range or number list of the deployment excludes the number.",
    remedy:
      "Offer another way in. An operator sees the rule under `GET /v1/guard/decisions` and may change it.",
  },
  denied_by_policy: {
    when: "The deployment's own check before each send, the veto, refused it.",
    remedy: "Ask the team that runs the check; its decision is under `GET /v1/guard/decisions`.",
  },
  not_found: {
    when: "There is no such path or id, it belongs to another app, or it was kept for its time and is gone.",
    remedy: "Check the id and the key's app. Start a new verification where one has been closed for a day.",
  },
  idempotency_in_progress: {
    when: "The first request with this `Idempotency-Key` has not been answered yet.",
    remedy: "Wait for `Retry-After` and send the same request with the same key.",
  },
  window_closed: {
    when: "The user has not written within 24 hours, so that WhatsApp takes no free text.",
    remedy: "Send a template by `POST /v1/notifications`, or wait until the user writes.",
  },
  payload_too_large: {
    when: "The body is larger than 64 KB; batches and templates have more room.",
    remedy: "Send less, or split a batch.",
  },
  idempotency_mismatch: {
    when: "The `Idempotency-Key` came before with another body.",
    remedy: "Use a new key for each thing you want done, and the old one only for the same body.",
  },
  invalid_message: {
    when: "A hook was called with a message that has no number, no code, or one that no channel carries.",
    remedy: "Read `detail`. Where the platform sends other messages than codes by this hook, turn those off.",
  },
  template_rejected: {
    when: "WhatsApp does not accept the template's texts, name or settings.",
    remedy: "Correct what `errors` and `provider` say, and put the template again.",
  },
  resend_too_soon: {
    when: "The cool-down since the last message, or a limit of messages to this number, is not over.",
    remedy: "Show the code field of the pending `verification`, and offer a new code after `Retry-After`.",
  },
  send_limit_reached: {
    when: "The verification, or the number today, has had all the messages it may have.",
    remedy: "Let the user type the code they have, or offer another way in until `Retry-After`.",
  },
  number_locked: {
    when: "Too many wrong codes in a row for this number, over all verifications.",
    remedy: "Wait for `Retry-After`. An operator who knows the owner may use `POST /v1/guard/unlock`.",
  },
  rate_limited: {
    when: "The API key, the client's address or a named limit has made too many requests.",
    remedy:
      "Wait for `Retry-After`; `RateLimit` names the limit. Raise it in the settings if it is your own traffic.",
  },
  traffic_blocked: {
    when: "More codes went to this range or country than were ever typed in: the mark of pumping.",
    remedy: "Wait for `Retry-After`, or open the range by `POST /v1/guard/unblock` if the traffic is yours.",
  },
  internal: {
    when: "A fault of Sandi itself.",
    remedy: "Report it with its `request_id`, under which the log has the error.",
  },
  channel_failed: {
    when: "Every channel refused the message, for a reason that a repeat does not change.",
    remedy: "Read `provider`: its code and title say whether the number or your account is the cause.",
  },
  provider_failed: {
    when: "WhatsApp did not carry out a change of templates.",
    remedy: "Read `provider`, and repeat the call: what is done already is left alone.",
  },
  unavailable: {
    when: "The platform failed the request: an object restarted, or a store was out of reach.",
    remedy: "Repeat it after `Retry-After`, with the same `Idempotency-Key` where the call takes one.",
  },
  channel_unavailable: {
    when: "Every channel is out of use for now, or no template is approved yet.",
    remedy:
      "Repeat it after `Retry-After`. `GET /health` with a key says which senders are out of use, and why.",
  },
};
