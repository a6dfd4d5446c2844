import * as z from "zod";
import { toUuid } from "../../ids/verification-id.ts";
import type { Policy } from "../../phone-number/policy.ts";
import { described, documented } from "../../platform/documented.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { unboundPolicy } from "../unbound.ts";
import { APP_TRAFFIC, phoneNumber } from "../v1/fields.ts";
import { SEND_PROBLEMS, sentOrThrow } from "../v1/verifications/replies.ts";
import { camaraDialect } from "./dialect.ts";
import { CamaraProblem } from "./errors.ts";

const LONGEST_MESSAGE = 160;

export const sendCodeDefinitions = () => ({
  sendCamaraCode: defineEndpoint({
    operationId: "sendCamaraCode",
    dialect: camaraDialect,
    method: "post",
    path: "/camara/one-time-password-sms/v1/send-code",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    docs: documented(() => ({
      summary: "Send a code",
      description:
        "Sends a one-time code over the channels of the purpose's policy. A newer code ends the one before it. The " +
        "message is checked and not sent: WhatsApp's text is Meta's, and that of an SMS is the deployment's.",
      example: { phoneNumber: "+6281234567890", message: "{{code}} is your code for Example." },
      responses: {
        200: {
          description: "The code is on its way.",
          schema: z.object({ authenticationId: z.string().max(36) }).meta({ id: "CamaraCodeSent" }),
        },
      },
      problems: ["invalid_phone_number", ...SEND_PROBLEMS],
    })),
    body: z
      .strictObject({
        phoneNumber: z
          .string()
          .regex(/^\+[1-9][0-9]{4,14}$/, "Give a plus sign and 5 to 15 digits.")
          .pipe(phoneNumber),
        message: z
          .string()
          .refine(
            (text) => [...text].length <= LONGEST_MESSAGE,
            `Give at most ${LONGEST_MESSAGE} characters.`,
          )
          .refine((text) => text.includes("{{code}}"), "The message has to contain {{code}}."),
      })
      .meta(described({ id: "CamaraSendCode" })),
  }),
});

export function sendCodeHandlers(
  verifications: Verifications,
  policies: ReadonlyMap<string, Policy>,
  purpose: string,
): Handlers<typeof sendCodeDefinitions> {
  return {
    async sendCamaraCode({ body, caller, background }) {
      unboundPolicy(policies, purpose);
      const request = {
        to: body.phoneNumber,
        app: caller.app,
        session: null,
        purpose,
        locale: null,
        channels: null,
        code: null,
        codeLength: null,
        fallbackAfterSeconds: null,
        codeCheckedBy: "sandi",
        via: "camara",
        whilePending: "supersede",
        bind: null,
        metadata: null,
        asker: { callerId: caller.id, client: { ip: null, deviceId: null }, limits: {} },
      } as const;
      const response = await verifications.start(request, null, background);
      if (response.kind === "blocked" && response.match.rule === "block_list") {
        throw new CamaraProblem("block_list");
      }
      const { verification } = sentOrThrow(response, "/phoneNumber");
      return {
        status: 200,
        body: { authenticationId: toUuid(verification.id) },
        headers: { "sandi-ignored": "message" },
        outcome: "started",
        to: verification.to,
      };
    },
  };
}
