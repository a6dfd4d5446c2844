import * as z from "zod";
import type { Binding, Code } from "../../../codes/code.ts";
import { parseVerificationId } from "../../../ids/verification-id.ts";
import type { Policy } from "../../../phone-number/policy.ts";
import { described, documented } from "../../../platform/documented.ts";
import type { CheckContext, GivenCode } from "../../../verification/requests.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { binding, checkedBody } from "../../../wire/verification.ts";
import { defineEndpoint, type EndpointRequest, type Handlers } from "../../endpoint.ts";
import { APP_TRAFFIC, clientField, phoneNumber, purpose, session, toClient, typedCode } from "../fields.ts";
import { type Proofs, proofField } from "./proof.ts";
import { replyToCheck } from "./replies.ts";

export function checkDefinitions(policies: ReadonlyMap<string, Policy>) {
  return {
    checkVerification: defineEndpoint({
      operationId: "checkVerification",
      method: "post",
      path: "/v1/verifications/{id}/check",
      scope: "verifications",
      notAudited: APP_TRAFFIC,
      docs: documented(() => ({
        summary: "Check a code",
        description:
          "200 with the verification. `valid` is true once, for the right code with the right binding in time; what was " +
          "wrong otherwise is not said. A verification that was started with a session is found only by a check that " +
          "names the same one.",
        example: { code: "482913" },
        responses: { 200: { description: "Checked.", schema: checkedBody } },
        problems: ["not_found", "idempotency_mismatch", "number_locked", "rate_limited"],
      })),
      params: { id: parseVerificationId },
      body: z
        .strictObject({
          code: typedCode,
          session: session.optional(),
          bind: binding.optional(),
          client: clientField.optional(),
          proof: proofField.optional(),
        })
        .meta(described({ id: "CheckVerification" })),
      acceptsIdempotencyKey: true,
    }),

    checkVerificationByNumber: defineEndpoint({
      operationId: "checkVerificationByNumber",
      method: "post",
      path: "/v1/verifications/check",
      scope: "verifications",
      notAudited: APP_TRAFFIC,
      docs: documented(() => ({
        summary: "Check a code by number",
        description:
          "For apps that keep no id: checks the pending verification of this number and purpose, else the newest. Where " +
          "there is none the answer is that of one that has expired.",
        example: { to: "+6281234567890", code: "482913" },
        responses: { 200: { description: "Checked.", schema: checkedBody } },
        problems: [
          "invalid_phone_number",
          "unknown_purpose",
          "idempotency_mismatch",
          "number_locked",
          "rate_limited",
        ],
      })),
      body: z
        .strictObject({
          to: phoneNumber,
          purpose: purpose(policies),
          code: typedCode,
          session: session.optional(),
          bind: binding.optional(),
          client: clientField.optional(),
          proof: proofField.optional(),
        })
        .meta(described({ id: "CheckVerificationByNumber" })),
      acceptsIdempotencyKey: true,
    }),
  };
}

export function checkHandlers(
  verifications: Verifications,
  proofs: Proofs,
): Handlers<typeof checkDefinitions> {
  return {
    async checkVerification({ params: { id }, body, ...request }) {
      const owner = { app: request.caller.app, scope: request.caller.reach };
      const reply =
        body.proof === undefined ? replyToCheck : await proofs.prepare(body.proof, request.request.url);
      return reply(await verifications.checkById(id, owner, given(body), contextOf(request, body.client)));
    },
    async checkVerificationByNumber({ body, ...request }) {
      const which = { to: body.to, purpose: body.purpose };
      const { app } = request.caller;
      const reply =
        body.proof === undefined ? replyToCheck : await proofs.prepare(body.proof, request.request.url);
      return reply(
        await verifications.checkByNumber(which, app, given(body), contextOf(request, body.client)),
      );
    },
  };
}

function contextOf(
  { caller, idempotencyKey, background }: Pick<EndpointRequest<unknown, unknown, unknown>, RequestField>,
  client: z.output<typeof clientField> | undefined,
): CheckContext {
  return {
    checker: { callerId: caller.id, client: toClient(client) },
    key: idempotencyKey,
    background,
  };
}

type RequestField = "caller" | "idempotencyKey" | "background";

function given(body: {
  readonly code: Code;
  readonly session?: string | undefined;
  readonly bind?: Binding | undefined;
}): GivenCode {
  return { code: body.code, session: body.session ?? null, bind: body.bind ?? null };
}
