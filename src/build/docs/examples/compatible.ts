import type { Answers } from "./example.ts";
import { twilioAnswers } from "./twilio.ts";

const REQUEST_ID = "1d549fb6-358d-6651-6f20-04b7dea96107";

const ACCEPTED = { 200: {} };

/** Answers of the compatible APIs. A test names the calls that have none. */
export const compatibleAnswers: Answers = {
  ...twilioAnswers,
  startVonageRequest: { 202: { request_id: REQUEST_ID } },
  checkVonageRequest: { 200: { request_id: REQUEST_ID, status: "completed" } },
  nextVonageStep: { 200: {} },
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
