import * as z from "zod";
import { parseUuid, toUuid } from "../../ids/verification-id.ts";
import { described, documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { checkUnbound } from "../unbound.ts";
import { APP_TRAFFIC, typedCode } from "../v1/fields.ts";
import { vonageDialect } from "./dialect.ts";
import { errorBody, VonageProblem } from "./errors.ts";

export const checkDefinitions = () => ({
  checkVonageRequest: defineEndpoint({
    operationId: "checkVonageRequest",
    dialect: vonageDialect,
    method: "post",
    path: "/vonage/v2/verify/{request_id}",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Check a code",
      description:
        "A wrong code is answered with 400, and with 410 from the one on that uses up the attempts until the request " +
        "would have expired. A request that is over otherwise is not found.",
      example: { code: "482913" },
      responses: {
        200: {
          description: "The code is right.",
          schema: z
            .object({ request_id: z.string(), status: z.literal("completed") })
            .meta({ id: "VonageChecked" }),
        },
        400: { description: "`invalid-code`: the code is wrong.", schema: errorBody },
        410: { description: "`expired`: the attempts are used up.", schema: errorBody },
      },
      problems: ["not_found", "number_locked", "rate_limited"],
    })),
    params: { request_id: parseUuid },
    body: z.strictObject({ code: typedCode }).meta(described({ id: "VonageCheck" })),
  }),
});

export function checkHandlers(verifications: Verifications): Handlers<typeof checkDefinitions> {
  return {
    async checkVonageRequest({ params: { request_id: id }, body: { code }, ...request }) {
      const { valid, verification } = await checkUnbound(verifications, id, code, request);
      const { status, reason, expiresAt, to } = verification;
      if (valid) {
        return {
          status: 200,
          body: { request_id: toUuid(id), status: "completed" },
          outcome: "approved",
          to,
        };
      }
      if (status === "pending") throw new VonageProblem("wrong_code");
      if (reason === "attempts_exhausted" && Date.now() < expiresAt) {
        throw new VonageProblem("attempts_exhausted");
      }
      throw new Problem("not_found");
    },
  };
}
