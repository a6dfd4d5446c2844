import { Problem } from "../../../platform/problem.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { toVerificationBody, verificationBody } from "../../../wire/verification.ts";
import { endpoint } from "../endpoint.ts";
import { parseIdOr404 } from "./id.ts";

export function getVerification(verifications: Verifications) {
  return endpoint({
    operationId: "getVerification",
    method: "get",
    path: "/v1/verifications/{id}",
    scope: "verifications",
    summary: "Read a verification",
    description: "Finished ones can be read for 24 hours.",
    responses: { 200: { description: "The verification.", schema: verificationBody } },
    problems: ["not_found"],
    async handle({ id }) {
      const verification = await verifications.get(parseIdOr404(id));
      if (verification === null) throw new Problem("not_found");
      return {
        status: 200,
        body: toVerificationBody(verification),
        outcome: verification.status,
        to: verification.to,
      };
    },
  });
}
