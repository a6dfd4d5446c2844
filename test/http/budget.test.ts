import { exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { COMPATIBLE_APIS } from "../../src/http/compatible-apis.ts";
import { SCOPES } from "../../src/keys/caller.ts";
import { api, codeSentTo, newNumber, useDeployment } from "../deployment.ts";
import { countKvReads, countObjectCalls } from "./counting.ts";
import { credentialsOf } from "./sms-hooks/rig.ts";

const deployment = useDeployment();

interface Call {
  readonly path: string;
  readonly body: object | URLSearchParams;
}

/** How a user of an API gets a code and has it checked. */
interface Flow {
  /** Calls to the object of the number. */
  readonly callsOfStart: number;
  readonly start: (to: string) => Call;
  /** The check of a right code; null where the caller checks codes itself. */
  readonly check: ((started: Record<string, string>, to: string, code: string) => Call) | null;
  /** Headers with the key, or with what the API asks for instead. */
  readonly authorize: (key: string, text: string) => Readonly<Record<string, string>>;
}

const byBearer = (key: string) => ({ authorization: `Bearer ${key}` });
const byBasic = (key: string) => ({ authorization: `Basic ${btoa(`AC0:${key}`)}` });

function hook(platform: string, messageTo: (to: string) => object): Flow {
  return {
    // The second stores the answer, as after a start with an Idempotency-Key: platforms repeat their calls.
    callsOfStart: 2,
    start: (to) => ({ path: `/hooks/${platform}`, body: messageTo(to) }),
    check: null,
    authorize: (_, text) => credentialsOf(platform, text),
  };
}

const CODE = "482913";
const TWILIO = "/twilio/v2/Services/login";
const CAMARA = "/camara/one-time-password-sms/v1";

/** By prefix. A new API has to say here how it is used. */
const FLOWS: Readonly<Record<string, Flow>> = {
  "/twilio": {
    callsOfStart: 1,
    start: (To) => ({
      path: `${TWILIO}/Verifications`,
      body: new URLSearchParams({ To, Channel: "whatsapp" }),
    }),
    check: ({ sid = "" }, _, Code) => ({
      path: `${TWILIO}/VerificationCheck`,
      body: new URLSearchParams({ VerificationSid: sid, Code }),
    }),
    authorize: byBasic,
  },
  "/vonage": {
    callsOfStart: 1,
    start: (to) => ({
      path: "/vonage/v2/verify",
      body: { brand: "ACME", workflow: [{ channel: "whatsapp", to, from: "62811" }] },
    }),
    check: ({ request_id }, _, code) => ({ path: `/vonage/v2/verify/${request_id}`, body: { code } }),
    authorize: byBasic,
  },
  "/camara": {
    callsOfStart: 1,
    start: (phoneNumber) => ({ path: `${CAMARA}/send-code`, body: { phoneNumber, message: "{{code}}" } }),
    check: ({ authenticationId }, _, code) => ({
      path: `${CAMARA}/validate-code`,
      body: { authenticationId, code },
    }),
    authorize: byBearer,
  },
  "/hooks/supabase": hook("supabase", (phone) => ({ user: {}, sms: { phone, otp: CODE } })),
  "/hooks/zitadel": hook("zitadel", (recipientPhoneNumber) => ({
    contextInfo: { eventType: "session.otp.sms.challenged", recipientPhoneNumber },
    args: { oTP: CODE },
  })),
  "/hooks/kratos": hook("kratos", (recipient) => ({
    recipient,
    template_type: "login_code_valid",
    template_data: { login_code: CODE },
  })),
  "/hooks/logto": hook("logto", (to) => ({ to, type: "SignIn", payload: { code: CODE } })),
  "/hooks/fusionauth": hook("fusionauth", (phoneNumber) => ({ phoneNumber, code: CODE, type: "SMS" })),
  "/hooks/auth0": hook("auth0", (recipient) => ({ recipient, code: CODE, message_type: "otp_verify" })),
  "/hooks/cognito": hook("cognito", (phone_number) => ({
    triggerSource: "CustomSMSSender_Authentication",
    code: CODE,
    userAttributes: { phone_number },
    id: "r1",
  })),
  "/hooks/clerk": hook("clerk", (to_phone_number) => ({
    type: "sms.created",
    object: "event",
    data: { id: "sms_1", to_phone_number, delivered_by_clerk: false, data: { otp_code: CODE } },
  })),
  "/hooks/authgear": hook("authgear", (to) => ({ to, template_variables: { code: CODE } })),
};

const flows = COMPATIBLE_APIS.map(({ dialect: { prefix } }) => {
  const flow = FLOWS[prefix];
  if (flow === undefined) throw new Error(`Say in FLOWS how ${prefix} is used`);
  return { prefix, ...flow };
});

describe.each(flows)("The API at $prefix", ({ callsOfStart, start, check, authorize }) => {
  let key: string;
  beforeEach(async () => {
    const scopes = SCOPES.filter((scope) => scope === "verifications" || scope === "hooks");
    key = (await api("POST", "/v1/keys", { name: "app", scopes })).body.key;
  });

  async function send({ path, body }: Call): Promise<Record<string, string>> {
    const text = body instanceof URLSearchParams ? body.toString() : JSON.stringify(body);
    const headers = authorize(key, text);
    const response = await exports.default.fetch(`https://sandi.test${path}`, {
      method: "POST",
      headers,
      body: text,
    });
    const answer = await response.text();
    expect([response.ok, answer]).toEqual([true, expect.not.stringContaining('"error"')]);
    return answer === "" ? {} : JSON.parse(answer);
  }

  it("costs what /v1 costs: no call to the object, to WhatsApp or to KV more", async () => {
    await send(start(newNumber()));
    const [objectCalls, kvReads] = [countObjectCalls(), countKvReads()];
    deployment.graphCalls.length = 0;
    const to = newNumber();
    const started = await send(start(to));
    expect([objectCalls(), deployment.graphCalls.length, kvReads()]).toEqual([callsOfStart, 1, 0]);
    if (check === null) return;
    await send(check(started, to, await codeSentTo(deployment, to)));
    expect([objectCalls(), deployment.graphCalls.length, kvReads()]).toEqual([callsOfStart + 1, 1, 0]);
  });
});
