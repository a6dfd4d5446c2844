import * as z from "zod";
import type { Verifications } from "../../../verification/verifications.ts";
import { binding } from "../../../wire/binding.ts";
import { checkedBody } from "../../../wire/verification.ts";
import { endpoint } from "../endpoint.ts";
import { typedCode } from "../fields.ts";
import { parseIdOr404 } from "./id.ts";
import { replyToCheck } from "./replies.ts";

export function checkVerification(verifications: Verifications) {
  return endpoint({
    operationId: "checkVerification",
    method: "post",
    path: "/v1/verifications/{id}/check",
    scope: "verifications",
    summary: "Check a code",
    description:
      "Always 200 with the verification. `valid` is true once, for the right code with the right binding in time; " +
      "what was wrong otherwise is not said.",
    body: z.strictObject({ code: typedCode, bind: binding.optional() }).meta({ id: "CheckVerification" }),
    example: { code: "482913" },
    acceptsIdempotencyKey: true,
    responses: { 200: { description: "Checked.", schema: checkedBody } },
    problems: ["not_found", "idempotency_mismatch", "number_locked"],
    async handle({ id, body, idempotencyKey }) {
      const { code, bind = null } = body;
      return replyToCheck(await verifications.checkById(parseIdOr404(id), { code, bind }, idempotencyKey));
    },
  });
}
