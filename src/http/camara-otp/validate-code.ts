import * as z from "zod";
import { parseUuid } from "../../ids/verification-id.ts";
import { described, documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { checkUnbound } from "../unbound.ts";
import { APP_TRAFFIC, typedCode } from "../v1/fields.ts";
import { camaraDialect } from "./dialect.ts";
import { CamaraProblem } from "./errors.ts";

export const validateCodeDefinitions = () => ({
  validateCamaraCode: defineEndpoint({
    operationId: "validateCamaraCode",
    dialect: camaraDialect,
    method: "post",
    path: "/camara/one-time-password-sms/v1/validate-code",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Check a code",
      description:
        "A wrong code is `ONE_TIME_PASSWORD_SMS.INVALID_OTP`; from the one on that uses up the attempts it is " +
        "`ONE_TIME_PASSWORD_SMS.VERIFICATION_FAILED`. A code that was used, replaced by a newer one, or has expired is " +
        "`ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED`.",
      example: { authenticationId: "1d549fb6-358d-6651-6f20-04b7dea96107", code: "482913" },
      responses: { 204: { description: "The code is right." } },
      problems: ["not_found", "number_locked", "rate_limited"],
    })),
    body: z
      .strictObject({
        authenticationId: z.string().max(36),
        code: z.string().max(10).pipe(typedCode),
      })
      .meta(described({ id: "CamaraValidateCode" })),
  }),
});

export function validateCodeHandlers(verifications: Verifications): Handlers<typeof validateCodeDefinitions> {
  return {
    async validateCamaraCode({ body: { authenticationId, code }, ...request }) {
      const id = parseUuid(authenticationId);
      if (id === null) throw new Problem("not_found");
      const { valid, verification } = await checkUnbound(verifications, id, code, request);
      const { status, reason, to } = verification;
      if (valid) return { status: 204, outcome: "approved", to };
      if (status === "pending") throw new CamaraProblem("wrong_code");
      throw new CamaraProblem(reason === "attempts_exhausted" ? reason : "over");
    },
  };
}
