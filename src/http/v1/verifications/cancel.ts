import { Problem } from "../../../platform/problem.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { toVerificationBody, verificationBody } from "../../../wire/verification.ts";
import { endpoint } from "../endpoint.ts";
import { parseIdOr404 } from "./id.ts";

export function cancelVerification(verifications: Verifications) {
  return endpoint({
    operationId: "cancelVerification",
    method: "delete",
    path: "/v1/verifications/{id}",
    scope: "verifications",
    summary: "Cancel a verification",
    description: "Its code stops working at once. A verification that has already finished stays as it is.",
    responses: { 200: { description: "The verification.", schema: verificationBody } },
    problems: ["not_found"],
    async handle({ id }) {
      const verification = await verifications.cancel(parseIdOr404(id));
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
