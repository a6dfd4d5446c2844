import * as z from "zod";
import { parseUuid, toUuid } from "../../ids/verification-id.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { APP_TRAFFIC, typedCode } from "../v1/fields.ts";
import { checkedOrThrow, GUARD_PROBLEMS, sentOrThrow } from "../v1/verifications/replies.ts";
import { vonageDialect } from "./dialect.ts";
import { errorBody, VonageProblem } from "./errors.ts";

/** The calls about a request that is running. */
export const runningDefinitions = () => ({
  checkVonageRequest: defineEndpoint({
    operationId: "checkVonageRequest",
    dialect: vonageDialect,
    method: "post",
    path: "/vonage/v2/verify/{request_id}",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    summary: "Check a code",
    description:
      "A wrong code is answered with 400, and with 410 from the one on that uses up the attempts until the request " +
      "would have expired. A request that is over otherwise is not found.",
    params: { request_id: parseUuid },
    body: z.strictObject({ code: typedCode }).meta({ id: "VonageCheck" }),
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
  }),

  nextVonageStep: defineEndpoint({
    operationId: "nextVonageStep",
    dialect: vonageDialect,
    method: "post",
    path: "/vonage/v2/verify/{request_id}/next_workflow",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    summary: "Go on to the next step",
    description: "Sends the code over the workflow's next channel at once. Without one: 409.",
    params: { request_id: parseUuid },
    body: z.strictObject({}).optional(),
    example: {},
    responses: {
      200: { description: "Sent.", schema: z.object({}).meta({ id: "VonageStep" }) },
      409: { description: "`conflict`: no step is left.", schema: errorBody },
    },
    problems: [
      "not_found",
      "resend_too_soon",
      "send_limit_reached",
      "number_locked",
      "channel_failed",
      "channel_unavailable",
      ...GUARD_PROBLEMS,
    ],
  }),

  cancelVonageRequest: defineEndpoint({
    operationId: "cancelVonageRequest",
    dialect: vonageDialect,
    method: "delete",
    path: "/vonage/v2/verify/{request_id}",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    summary: "Cancel a request",
    description: "Its code stops working at once. A request that is over is not found.",
    params: { request_id: parseUuid },
    responses: { 204: { description: "Canceled." } },
    problems: ["not_found"],
  }),
});

export function runningHandlers(verifications: Verifications): Handlers<typeof runningDefinitions> {
  return {
    async checkVonageRequest({ params: { request_id: id }, body: { code }, caller, background }) {
      const checker = { callerId: caller.id, client: { ip: null, deviceId: null } };
      const { valid, verification } = checkedOrThrow(
        await verifications.checkById(
          id,
          { app: caller.app, scope: caller.reach },
          { code, session: null, bind: null },
          { checker, key: null, background },
        ),
      );
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

    async nextVonageStep({ params: { request_id: id }, caller, background }) {
      const resender = { callerId: caller.id, client: null, limits: {} };
      const response = await verifications.resend(id, caller.reach, "next", resender, null, background);
      if (response.kind === "closed") throw new Problem("not_found");
      if (response.kind === "no_channel_left") throw new VonageProblem("no_channel_left");
      const { verification } = sentOrThrow(response, "/workflow");
      return { status: 200, body: {}, outcome: "resent", to: verification.to };
    },

    async cancelVonageRequest({ params: { request_id: id }, caller }) {
      const known = await verifications.get(id, caller.reach);
      if (known?.status !== "pending") throw new Problem("not_found");
      const canceled = await verifications.cancel(id, caller.reach);
      if (canceled?.status !== "canceled") throw new Problem("not_found");
      return { status: 204, outcome: "canceled", to: canceled.to };
    },
  };
}
