import type { Answers } from "./example.ts";
import { twilioAnswers } from "./twilio.ts";

const REQUEST_ID = "1d549fb6-358d-6651-6f20-04b7dea96107";

const ACCEPTED = { 200: {} };

function vonageError(fragment: string, title: string, detail: string) {
  return {
    type: `https://developer.vonage.com/api-errors#${fragment}`,
    title,
    detail,
    instance: "a6924c1b-46b9-4309-be63-e9ec3cf3af9e",
  };
}

/** Answers of the compatible APIs. A test names the calls that have none. */
export const compatibleAnswers: Answers = {
  ...twilioAnswers,
  startVonageRequest: {
    202: { request_id: REQUEST_ID },
    409: {
      ...vonageError("conflict", "Conflict", "A request for this number is still running."),
      request_id: REQUEST_ID,
    },
  },
  checkVonageRequest: {
    200: { request_id: REQUEST_ID, status: "completed" },
    400: vonageError("invalid-code", "Invalid Code", "The code is not the one that was sent."),
    410: vonageError("expired", "Invalid Code", "Too many wrong codes; the request is over."),
  },
  nextVonageStep: {
    200: {},
    409: vonageError("conflict", "Conflict", "Every channel of the workflow has carried the code."),
  },
  cancelVonageRequest: { 204: null },
  sendCamaraCode: { 200: { authenticationId: REQUEST_ID } },
  validateCamaraCode: { 204: null },
  supabaseHook: ACCEPTED,
  zitadelHook: ACCEPTED,
  kratosHook: ACCEPTED,
  logtoHook: ACCEPTED,
  fusionauthHook: ACCEPTED,
  auth0Hook: ACCEPTED,
  cognitoHook: ACCEPTED,
  clerkHook: ACCEPTED,
  authgearHook: { 200: { code: "ok" } },
};
