import * as z from "zod";
import type { Binding } from "../../codes/code.ts";
import type { CheckAnswer } from "../../phone-number/answers.ts";
import { described, documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { withFaults } from "../parse-input.ts";
import { APP_TRAFFIC, phoneNumber, typedCode } from "../v1/fields.ts";
import { checkedOrThrow } from "../v1/verifications/replies.ts";
import { bindingFields, bindingOf } from "./amount.ts";
import { type TwilioContext, viewOf } from "./context.ts";
import { twilioDialect } from "./dialect.ts";
import { gone } from "./manage.ts";
import type { Services } from "./services.ts";
import { parseVerificationSid } from "./spelling.ts";
import { toTwilioCheck, twilioCheck } from "./verification.ts";

const body = z
  .strictObject({
    Code: typedCode,
    VerificationSid: z
      .string()
      .max(64)
      .optional()
      .meta(described({ description: "Or `To`." })),
    To: phoneNumber.optional(),
    ...bindingFields,
  })
  .meta(described({ id: "TwilioCheckVerification" }));

export function checkDefinitions(services: Services) {
  return {
    checkTwilioVerification: defineEndpoint({
      operationId: "checkTwilioVerification",
      dialect: twilioDialect,
      method: "post",
      path: "/twilio/v2/Services/{ServiceSid}/VerificationCheck",
      scope: "verifications",
      notAudited: APP_TRAFFIC,
      docs: documented(() => ({
        summary: "Check a code as Twilio does",
        description:
          "By the SID of the verification or the number. A wrong code or binding is answered with `pending`; `60202` follows " +
          "once the attempts are used up, and `20404` for a verification that has closed otherwise.",
        example: { To: "+6281234567890", Code: "482913" },
        responses: { 200: { description: "Checked.", schema: twilioCheck } },
        problems: ["not_found", "number_locked", "rate_limited"],
      })),
      params: { ServiceSid: (text: string) => services.find(text) },
      body,
    }),
  };
}

export function checkHandlers(context: TwilioContext): Handlers<typeof checkDefinitions> {
  const { verifications } = context;
  return {
    async checkTwilioVerification({ params: { ServiceSid: service }, body, ...request }) {
      const { caller, background } = request;
      const { Code, To, VerificationSid } = body;
      const bind: Binding | null = bindingOf(body, service);
      const given = { code: Code, session: null, bind };
      const asked = {
        checker: { callerId: caller.id, client: { ip: null, deviceId: null } },
        key: null,
        background,
      };
      const { purpose } = service;
      const check = async () => {
        if (VerificationSid === undefined) {
          return verifications.checkByNumber({ to: orMissing(To), purpose }, caller.app, given, asked);
        }
        const id = parseVerificationSid(VerificationSid);
        if (id === null) throw gone();
        const owner = { app: caller.app, scope: caller.reach };
        return verifications.checkById(id, owner, given, asked, purpose);
      };
      const answer = checkedOrThrow(await check());
      refuseClosed(answer);
      const { valid, verification } = answer;
      return {
        status: 200,
        body: toTwilioCheck(verification, valid, viewOf(request, service, context, body.Amount)),
        outcome: valid ? "approved" : "not_valid",
        to: verification.to,
      };
    },
  };
}

function orMissing<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw withFaults("invalid_request", [{ pointer: "/To", detail: "Give this or VerificationSid." }]);
}

/** Twilio shows none that has closed, but tells for a time that the attempts are used up. */
function refuseClosed({ valid, closedBefore, verification }: CheckAnswer): void {
  const { status, reason, expiresAt } = verification;
  if (valid || status === "pending") return;
  if (reason !== "attempts_exhausted") throw gone();
  // The last allowed attempt is answered like the wrong ones before it.
  if (closedBefore !== true) return;
  const left = expiresAt - Date.now();
  if (left <= 0) throw gone();
  throw new Problem("number_locked", {
    detail: "The attempts of this verification are used up; start a new one.",
    retryAfterSeconds: Math.ceil(left / 1000),
  });
}
