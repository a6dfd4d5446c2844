import * as z from "zod";
import { parseUuid } from "../../ids/verification-id.ts";
import { documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { APP_TRAFFIC } from "../v1/fields.ts";
import { SEND_PROBLEMS, sentOrThrow } from "../v1/verifications/replies.ts";
import { vonageDialect } from "./dialect.ts";
import { errorBody, VonageProblem } from "./errors.ts";

export const nextStepDefinitions = () => ({
  nextVonageStep: defineEndpoint({
    operationId: "nextVonageStep",
    dialect: vonageDialect,
    method: "post",
    path: "/vonage/v2/verify/{request_id}/next_workflow",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Go on to the next step",
      description: "Sends the code over the workflow's next channel at once. Without one: 409.",
      example: {},
      responses: {
        200: { description: "Sent.", schema: z.object({}).meta({ id: "VonageStep" }) },
        409: { description: "`conflict`: no step is left.", schema: errorBody },
      },
      problems: ["not_found", ...SEND_PROBLEMS],
    })),
    params: { request_id: parseUuid },
    body: z.strictObject({}).optional(),
  }),
});

export function nextStepHandlers(verifications: Verifications): Handlers<typeof nextStepDefinitions> {
  return {
    async nextVonageStep({ params: { request_id: id }, caller, background }) {
      const resender = { callerId: caller.id, client: null, limits: {} };
      const response = await verifications.resend(id, caller.reach, "next", resender, null, background);
      if (response.kind === "closed") throw new Problem("not_found");
      if (response.kind === "no_channel_left") throw new VonageProblem("no_channel_left");
      const { verification } = sentOrThrow(response, "/workflow");
      return { status: 200, body: {}, outcome: "resent", to: verification.to };
    },
  };
}
