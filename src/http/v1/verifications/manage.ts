import * as z from "zod";
import { parseVerificationId } from "../../../ids/verification-id.ts";
import type { VerificationSnapshot } from "../../../phone-number/snapshot.ts";
import { documented } from "../../../platform/documented.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { toVerificationBody, verificationBody } from "../../../wire/verification.ts";
import { defineEndpoint, type Handlers, orNotFound, type Reply } from "../../endpoint.ts";
import { APP_TRAFFIC, channelName, clientField, limitsField, toClient } from "../fields.ts";
import { replyToSend, SEND_PROBLEMS } from "./replies.ts";

export const manageDefinitions = {
  getVerification: defineEndpoint({
    operationId: "getVerification",
    method: "get",
    path: "/v1/verifications/{id}",
    scope: "verifications",
    docs: documented(() => ({
      summary: "Read a verification",
      description: "Finished ones can be read for 24 hours.",
      responses: { 200: { description: "The verification.", schema: verificationBody } },
      problems: ["not_found"],
    })),
    params: { id: parseVerificationId },
  }),

  resendVerification: defineEndpoint({
    operationId: "resendVerification",
    method: "post",
    path: "/v1/verifications/{id}/resend",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Send again",
      description:
        "Sends a pending verification's code again, over the same channel or another of the policy's. It is held to the " +
        "guard's limits of its start; the `client` and the `limits` that it names replace those.",
      example: {},
      responses: { 200: { description: "Sent again.", schema: verificationBody } },
      problems: ["not_found", "idempotency_in_progress", "idempotency_mismatch", ...SEND_PROBLEMS],
    })),
    params: { id: parseVerificationId },
    body: z
      .strictObject({
        channel: channelName.optional(),
        client: clientField.optional(),
        limits: limitsField.optional(),
      })
      .optional(),
    acceptsIdempotencyKey: true,
  }),

  cancelVerification: defineEndpoint({
    operationId: "cancelVerification",
    method: "delete",
    path: "/v1/verifications/{id}",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Cancel a verification",
      description: "Its code stops working at once. A verification that has already finished stays as it is.",
      responses: { 200: { description: "The verification.", schema: verificationBody } },
      problems: ["not_found"],
    })),
    params: { id: parseVerificationId },
  }),

  approveVerification: defineEndpoint({
    operationId: "approveVerification",
    method: "post",
    path: "/v1/verifications/{id}/approve",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Approve a verification",
      description:
        "For a caller that brought the code and has checked it itself. The verification is closed and counts as approved; " +
        "the number's failures in a row stay, which only a right code checked here resets. A verification that has already " +
        "finished stays as it is.",
      responses: { 200: { description: "The verification.", schema: verificationBody } },
      problems: ["not_found"],
    })),
    params: { id: parseVerificationId },
  }),
};

export function manageHandlers(verifications: Verifications): Handlers<typeof manageDefinitions> {
  return {
    async getVerification({ params: { id }, caller }) {
      return show(orNotFound(await verifications.get(id, caller.reach)));
    },
    async resendVerification({ params: { id }, body, caller, idempotencyKey, background }) {
      const channel = body?.channel ?? null;
      const resender = {
        callerId: caller.id,
        client: body?.client === undefined ? null : toClient(body.client),
        limits: body?.limits ?? {},
      };
      return replyToSend(
        await verifications.resend(id, caller.reach, channel, resender, idempotencyKey, background),
        "/channel",
      );
    },
    async cancelVerification({ params: { id }, caller }) {
      return show(orNotFound(await verifications.cancel(id, caller.reach)));
    },
    async approveVerification({ params: { id }, caller }) {
      return show(orNotFound(await verifications.approve(id, caller.reach)));
    },
  };
}

function show(verification: VerificationSnapshot): Reply {
  const { status: outcome, to } = verification;
  return { status: 200, body: toVerificationBody(verification), outcome, to };
}
