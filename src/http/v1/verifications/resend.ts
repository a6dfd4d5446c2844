import * as z from "zod";
import type { Verifications } from "../../../verification/verifications.ts";
import { verificationBody } from "../../../wire/verification.ts";
import { endpoint } from "../endpoint.ts";
import { channelName } from "../fields.ts";
import { parseIdOr404 } from "./id.ts";
import { GUARD_PROBLEMS, replyToSend } from "./replies.ts";

export function resendVerification(verifications: Verifications) {
  return endpoint({
    operationId: "resendVerification",
    method: "post",
    path: "/v1/verifications/{id}/resend",
    scope: "verifications",
    summary: "Send again",
    description: "Sends a pending verification's code again, over the same channel or the one named.",
    body: z.strictObject({ channel: channelName.optional() }).optional(),
    example: {},
    acceptsIdempotencyKey: true,
    responses: { 200: { description: "Sent again.", schema: verificationBody } },
    problems: [
      "not_found",
      "idempotency_in_progress",
      "idempotency_mismatch",
      "resend_too_soon",
      "send_limit_reached",
      "number_locked",
      "channel_failed",
      "channel_unavailable",
      ...GUARD_PROBLEMS,
    ],
    async handle({ id, body, caller, idempotencyKey, background }) {
      const channel = body?.channel ?? null;
      const asker = { callerId: caller.id, client: { ip: null, deviceId: null }, limits: {} };
      return replyToSend(
        await verifications.resend(parseIdOr404(id), channel, asker, idempotencyKey, background),
      );
    },
  });
}
