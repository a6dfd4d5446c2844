import { createHmac } from "node:crypto";
import { ADMIN_KEY, AUTHGEAR_SECRET } from "../../world/settings.ts";
import { apiRequest } from "../clients/api.ts";
import type { Environment } from "../environment/environment.ts";
import type { ApiRequest } from "../history.ts";
import { forbiddenNumber } from "../people.ts";
import { begin, type Scenario } from "./scenarios.ts";

type Headers = Readonly<Record<string, string>>;

/** Sends a request in the dialect of another service, and records it as the one of the API that it stands for. */
async function post(
  { services: { connection, history } }: Environment,
  question: ApiRequest,
  path: string,
  body: string,
  headers: Headers,
): Promise<void> {
  await connection.whenUp();
  const startedAt = history.now();
  const reply = await connection.send("POST", path, headers, body);
  history.calls.push({
    ...question,
    caller: path,
    startedAt,
    endedAt: history.now(),
    status: reply?.status ?? null,
    shown: [],
    problem: null,
    sixDigits: [],
    page: null,
  });
}

/** Authgear has a code sent, signed or not. */
function callHook(environment: Environment, question: ApiRequest, isSigned: boolean): Promise<void> {
  const { number, code } = question;
  const body = JSON.stringify({
    to: number,
    template_name: "authenticate_primary_oob_sms.txt",
    template_variables: { code },
  });
  const signature = createHmac("sha256", isSigned ? AUTHGEAR_SECRET : "another")
    .update(body)
    .digest("hex");
  const headers = { "content-type": "application/json", "x-authgear-body-signature": signature };
  return post(environment, question, "/hooks/authgear", body, headers);
}

/** Authgear repeats a message once all objects have lost their memory. */
export const repeatedHook: Scenario = async (user, environment) => {
  const details = { app: "default", purpose: "login", code: user.newCode(), idempotencyKey: "body" } as const;
  const question = apiRequest("start", "valid", user.number, details);
  await callHook(environment, question, true);
  await environment.evict();
  await callHook(environment, question, true);
};

/** A caller without Authgear's secret has a code sent. */
export const forgedHook: Scenario = async (user, environment) => {
  const details = { app: "default", purpose: "login", code: user.newCode() } as const;
  await callHook(environment, apiRequest("start", "no_key", forbiddenNumber(3_000), details), false);
};

/** A caller with Twilio's client cancels by its number what a browser has begun through the API. */
export const twilioOnOtherSession: Scenario = async (user, environment) => {
  const { id, purpose } = await begin(user, { session: "browser" });
  const question = apiRequest("cancel", "other_session", user.number, { id, app: "default", purpose });
  const path = `/twilio/v2/Services/${purpose}/Verifications/${encodeURIComponent(user.number)}`;
  const headers = {
    authorization: `Basic ${btoa(`AC${"0".repeat(32)}:${ADMIN_KEY}`)}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  await post(environment, question, path, "Status=canceled", headers);
};

/** Every scenario of this file once. */
export const DIALECT_SCENARIOS: readonly Scenario[] = [repeatedHook, forgedHook, twilioOnOtherSession];
