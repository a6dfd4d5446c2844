import * as z from "zod";
import { toUuid } from "../../ids/verification-id.ts";
import type { Caller } from "../../keys/caller.ts";
import { FALLBACK_AFTER_SECONDS, type Policy } from "../../phone-number/policy.ts";
import { documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { unboundPolicy } from "../unbound.ts";
import { APP_TRAFFIC } from "../v1/fields.ts";
import { SEND_PROBLEMS, sentOrThrow } from "../v1/verifications/replies.ts";
import { vonageDialect } from "./dialect.ts";
import { errorBody, VonageProblem } from "./errors.ts";
import { ignoredOf, type StartBody, startBody } from "./start-body.ts";

export const startDefinitions = () => ({
  startVonageRequest: defineEndpoint({
    operationId: "startVonageRequest",
    dialect: vonageDialect,
    method: "post",
    path: "/vonage/v2/verify",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Start a request",
      description:
        "Sends a one-time code over the workflow's WhatsApp and SMS steps, in their order. `Sandi-Ignored` names the " +
        "parameters that have no effect. While a verification is pending for the number and purpose: 409 with its id.",
      example: {
        brand: "ACME",
        workflow: [{ channel: "whatsapp", to: "6281234567890", from: "6280987654321" }],
      },
      responses: {
        202: {
          description: "Started; the code is on its way.",
          schema: z.object({ request_id: z.string() }).meta({ id: "VonageStarted" }),
        },
        409: {
          description: "`conflict`: one is pending; `request_id` names it.",
          schema: errorBody,
        },
      },
      problems: ["invalid_phone_number", ...SEND_PROBLEMS],
    })),
    body: startBody(),
  }),
});

export function startHandlers(
  verifications: Verifications,
  policies: ReadonlyMap<string, Policy>,
  purposeOf: (caller: Caller) => string,
): Handlers<typeof startDefinitions> {
  return {
    async startVonageRequest({ body, caller, background }) {
      const purpose = purposeOf(caller);
      const policy = unboundPolicy(policies, purpose);
      refuseShortCode(body, purpose, policy);
      const request = {
        to: body.workflow.to,
        app: caller.app,
        session: null,
        purpose,
        locale: body.locale ?? null,
        channels: body.workflow.channels,
        code: body.code ?? null,
        codeLength: body.code_length ?? null,
        fallbackAfterSeconds: clampTimeout(body.channel_timeout),
        codeCheckedBy: "sandi",
        via: "vonage",
        whilePending: "refuse",
        bind: null,
        metadata: body.client_ref === undefined ? null : { client_ref: body.client_ref },
        asker: { callerId: caller.id, client: { ip: null, deviceId: null }, limits: {} },
      } as const;
      const response = await verifications.start(request, null, background);
      if (response.kind === "already_pending") {
        throw new VonageProblem("already_pending", response.verification.id);
      }
      const { verification } = sentOrThrow(response, "/workflow");
      return {
        status: 202,
        body: { request_id: toUuid(verification.id) },
        headers: { "sandi-ignored": ignoredOf(body, policy).join(", ") },
        outcome: "started",
        to: verification.to,
      };
    },
  };
}

/** A policy's length is also the least for codes that callers bring. */
function refuseShortCode({ code }: StartBody, purpose: string, { codeLength }: Policy): void {
  if (code !== undefined && code.length < codeLength) {
    const detail = `The purpose ${purpose} needs codes of at least ${codeLength} characters.`;
    throw new Problem("invalid_request", { errors: [{ pointer: "/code", detail }] });
  }
}

function clampTimeout(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.min(seconds, FALLBACK_AFTER_SECONDS.most);
}
