import * as z from "zod";
import type { Policy } from "../../../phone-number/policy.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { binding } from "../../../wire/binding.ts";
import { checkedBody } from "../../../wire/verification.ts";
import { endpoint } from "../endpoint.ts";
import { phoneNumber, purpose, typedCode } from "../fields.ts";
import { replyToCheck } from "./replies.ts";

export function checkVerificationByNumber(
  verifications: Verifications,
  policies: ReadonlyMap<string, Policy>,
) {
  return endpoint({
    operationId: "checkVerificationByNumber",
    method: "post",
    path: "/v1/verifications/check",
    scope: "verifications",
    summary: "Check a code by number",
    description:
      "For apps that keep no id: checks the pending verification of this number and purpose, else the newest. Where " +
      "there is none the answer is that of one that has expired.",
    body: z
      .strictObject({
        to: phoneNumber,
        purpose: purpose(policies),
        code: typedCode,
        bind: binding.optional(),
      })
      .meta({ id: "CheckVerificationByNumber" }),
    example: { to: "+6281234567890", code: "482913" },
    acceptsIdempotencyKey: true,
    responses: { 200: { description: "Checked.", schema: checkedBody } },
    problems: ["invalid_phone_number", "unknown_purpose", "idempotency_mismatch", "number_locked"],
    async handle({ body, idempotencyKey }) {
      const { to, purpose, code, bind = null } = body;
      return replyToCheck(await verifications.checkByNumber({ to, purpose }, { code, bind }, idempotencyKey));
    },
  });
}
