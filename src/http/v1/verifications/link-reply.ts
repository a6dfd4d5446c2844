import { Problem } from "../../../platform/problem.ts";
import type { LinkResponse } from "../../../verification/message-first/start.ts";
import { toVerificationBody } from "../../../wire/verification.ts";
import type { Reply } from "../../endpoint.ts";
import { blocked, problemOf } from "./replies.ts";

/** The same as with other faults of a provider that may be over in a moment. */
const RETRY_AFTER_SECONDS = 5;

/** The reply to a start whose user sends a message. Throws a problem where nothing was begun. */
export function replyToLink(response: LinkResponse): Reply {
  const { created, verification, link } = linkOrThrow(response);
  return {
    status: created ? 201 : 200,
    body: toVerificationBody(verification, link),
    outcome: created ? "started" : "link_answered",
    to: verification.to,
  };
}

/** The answer to a start whose user sends a message. Throws a problem where nothing was begun. */
export function linkOrThrow(response: LinkResponse): Extract<LinkResponse, { kind: "link" }> {
  switch (response.kind) {
    case "link":
      return response;
    case "message_first_off":
      throw new Problem("denied_by_policy", {
        detail: "The policy of this purpose has message_first off: start with a code.",
      });
    case "number_required":
      throw new Problem("invalid_request", {
        errors: [{ pointer: "/to", detail: "Give the number as a string, such as +6281234567890." }],
      });
    case "sender_unknown":
      throw new Problem("channel_unavailable", {
        detail: "WhatsApp does not say at the moment which number users write to.",
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    case "blocked":
      throw blocked(response.match);
    default:
      throw problemOf(response);
  }
}
