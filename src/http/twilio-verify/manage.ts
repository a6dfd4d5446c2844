import * as z from "zod";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { Caller } from "../../keys/caller.ts";
import type { E164 } from "../../numbering/e164.ts";
import { readNumber } from "../../numbering/read-number.ts";
import type { VerificationSnapshot } from "../../phone-number/snapshot.ts";
import { described, documented } from "../../platform/documented.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { APP_TRAFFIC } from "../v1/fields.ts";
import { type TwilioContext, viewOf } from "./context.ts";
import { twilioDialect } from "./dialect.ts";
import type { Service, Services } from "./services.ts";
import { parseVerificationSid } from "./spelling.ts";
import { toTwilioVerification, twilioVerification } from "./verification.ts";

/** How a path names a verification. */
type Named = { readonly id: VerificationId } | { readonly to: E164 };

function readSid(text: string): Named | null {
  const id = parseVerificationSid(text);
  if (id !== null) return { id };
  const reading = readNumber(text);
  return reading.kind === "number" ? { to: reading.number } : null;
}

export function manageDefinitions(services: Services) {
  const path = "/twilio/v2/Services/{ServiceSid}/Verifications/{Sid}";
  const params = { ServiceSid: (text: string) => services.find(text), Sid: readSid };
  return {
    fetchTwilioVerification: defineEndpoint({
      operationId: "fetchTwilioVerification",
      dialect: twilioDialect,
      method: "get",
      path,
      scope: "verifications",
      docs: documented(() => ({
        summary: "Read a verification as Twilio does",
        description: "By its SID or its number. Only pending ones are found.",
        responses: { 200: { description: "The pending verification.", schema: twilioVerification } },
        problems: ["not_found"],
      })),
      params,
    }),

    updateTwilioVerification: defineEndpoint({
      operationId: "updateTwilioVerification",
      dialect: twilioDialect,
      method: "post",
      path,
      scope: "verifications",
      notAudited: APP_TRAFFIC,
      docs: documented(() => ({
        summary: "Cancel or approve a verification as Twilio does",
        description:
          "By its SID or its number. `approved` is for a caller that brought the code and has checked it itself.",
        example: { Status: "canceled" },
        responses: { 200: { description: "The closed verification.", schema: twilioVerification } },
        problems: ["not_found"],
      })),
      params,
      body: z
        .strictObject({ Status: z.enum(["canceled", "approved"], "Give canceled or approved.") })
        .meta(described({ id: "TwilioUpdateVerification" })),
    }),
  };
}

export function manageHandlers(context: TwilioContext): Handlers<typeof manageDefinitions> {
  const { verifications, keyring } = context;
  return {
    async fetchTwilioVerification({ params: { ServiceSid: service, Sid }, ...request }) {
      const verification = await pendingOrThrow(Sid, service, request.caller, verifications);
      const view = viewOf(request, service, context);
      return {
        status: 200,
        body: toTwilioVerification(verification, "pending", view, keyring),
        outcome: "pending",
        to: verification.to,
      };
    },

    async updateTwilioVerification({ params: { ServiceSid: service, Sid }, body: { Status }, ...request }) {
      const { caller } = request;
      const { id } = await pendingOrThrow(Sid, service, caller, verifications);
      const closed = await (Status === "approved"
        ? verifications.approve(id, caller.reach)
        : verifications.cancel(id, caller.reach));
      // It may have closed otherwise since it was read.
      if (closed?.status !== Status) throw gone();
      const view = viewOf(request, service, context);
      return {
        status: 200,
        body: toTwilioVerification(closed, Status, view, keyring),
        outcome: Status,
        to: closed.to,
      };
    },
  };
}

/** The pending verification of a service that the path names. */
async function pendingOrThrow(
  named: Named,
  { purpose }: Service,
  { reach }: Caller,
  verifications: Verifications,
): Promise<VerificationSnapshot> {
  const found =
    "id" in named
      ? await verifications.get(named.id, reach)
      : // What another API started may be tied to the session of one browser, which a number does not name.
        (await verifications.listOf(named.to, reach)).findLast(
          (verification) =>
            verification.via === "twilio" &&
            verification.purpose === purpose &&
            verification.status === "pending",
        );
  if (found?.status !== "pending" || found.purpose !== purpose) throw gone();
  return found;
}

/** Also for a verification that there was: Twilio does not show those that have closed. */
export function gone(): Problem {
  return new Problem("not_found", {
    detail: "There is no pending verification here; it may have been approved, canceled, or have expired.",
  });
}
