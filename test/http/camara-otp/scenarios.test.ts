import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiKeys } from "../../../src/keys/api-keys.ts";
import { type Answer, codeSentTo, control, messagesTo, newNumber, useDeployment } from "../../deployment.ts";
import { CamaraService, CORRELATOR, MESSAGE, WRONG } from "./camara-service.ts";

/**
 * The scenarios of the test definitions beside CAMARA's API (camaraproject/OTPValidation), by their names there. One of the
 * 32 has no counterpart: a number that is not the operator's own, which every possible number is here.
 */

const OTP = "ONE_TIME_PASSWORD_SMS";
const UNKNOWN = "00000000-0000-0000-0000-000000000000";

const deployment = useDeployment();
let service: CamaraService;
let to = "";

beforeEach(() => {
  service = new CamaraService();
  to = newNumber();
});

async function sendCode(): Promise<{ id: string; code: string }> {
  const { body } = await service.sendCode(to);
  return { id: body.authenticationId, code: await codeSentTo(deployment, to) };
}

/** Sets the time; only then, since a stopped clock would hide what time does. */
function wait(milliseconds: number): void {
  vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ["Date"] });
}

async function revokedKey(): Promise<string> {
  const keys = new ApiKeys(env.API_KEYS, env.ADMIN_KEY);
  const { id, key } = await keys.create("app", ["verifications"]);
  await keys.revoke(id);
  return key;
}

type Scenario = readonly [name: string, call: () => Promise<Answer>, status: number, code: string];

function expectError({ status, headers, body }: Answer, expected: number, code: string): void {
  expect([status, headers.get("content-type"), headers.get("x-correlator")]).toEqual([
    expected,
    "application/json",
    CORRELATOR,
  ]);
  expect(body).toEqual({ status: expected, code, message: expect.stringMatching(/^[A-Z].+\.$/) });
}

const UNAUTHENTICATED: readonly (readonly [name: string, headers: () => Promise<object> | object])[] = [
  ["401.1 no_authorization_header", () => ({ authorization: "" })],
  ["401.2 expired_access_token", async () => ({ authorization: `Bearer ${await revokedKey()}` })],
  ["401.3 invalid_access_token", () => ({ authorization: `Bearer ${env.ADMIN_KEY}x` })],
];

describe("CAMARA's send-code", () => {
  it("01 success_scenario: 200 with an id of at most 36 characters and the request's correlator", async () => {
    const { status, headers, body } = await service.sendCode(to);
    expect([status, headers.get("content-type"), headers.get("x-correlator")]).toEqual([
      200,
      "application/json",
      CORRELATOR,
    ]);
    expect(body).toEqual({ authenticationId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(await codeSentTo(deployment, to)).toMatch(/^\d{6}$/);
  });

  it("02 success_scenario_without_x-correlator: 200 with the request's id as the correlator", async () => {
    const { status, headers } = await service.sendCode(to, {}, { "x-correlator": "" });
    expect([status, headers.get("x-correlator")]).toEqual([200, headers.get("x-request-id")]);
  });

  it.each<Scenario>([
    ["400.1 no_request_body", () => service.call("/send-code"), 400, "INVALID_ARGUMENT"],
    ["400.2 empty_request_body", () => service.call("/send-code", {}), 400, "INVALID_ARGUMENT"],
    ["400.4 incorrect_phone_number", () => service.sendCode("3301"), 400, "INVALID_ARGUMENT"],
    ["400.5 missing_message", () => service.sendCode(to, { message: undefined }), 400, "INVALID_ARGUMENT"],
    [
      "400.6 missing_code",
      () => service.sendCode(to, { message: "message without code" }),
      400,
      "INVALID_ARGUMENT",
    ],
    [
      "400.7 message_too_long",
      () => service.sendCode(to, { message: MESSAGE.padEnd(161, "x") }),
      400,
      "INVALID_ARGUMENT",
    ],
    ["03 max_otp_code", useUpSends, 403, `${OTP}.MAX_OTP_CODES_EXCEEDED`],
    [
      "04 phone_number_not_allowed, which cannot receive messages",
      unreachable,
      403,
      `${OTP}.PHONE_NUMBER_NOT_ALLOWED`,
    ],
    ["05 phone_number_not_allowed, a landline", landline, 403, `${OTP}.PHONE_NUMBER_NOT_ALLOWED`],
    ["06 phone_number_blocked", blocked, 403, `${OTP}.PHONE_NUMBER_BLOCKED`],
  ])("%s", async (_, call, status, code) => {
    expectError(await call(), status, code);
  });

  it.each(UNAUTHENTICATED)("%s: 401 UNAUTHENTICATED", async (_, headers) => {
    expectError(await service.sendCode(to, {}, await headers()), 401, "UNAUTHENTICATED");
    expect(deployment.graphCalls).toHaveLength(0);
  });
});

async function useUpSends(): Promise<Answer> {
  for (let send = 0; send < 3; send += 1) {
    expect((await service.sendCode(to)).status).toBe(200);
    wait(6000);
  }
  return service.sendCode(to);
}

async function unreachable(): Promise<Answer> {
  await control(deployment, "PUT", `/numbers/${to}`, { on_whatsapp: false, sms: "failed" });
  const refusal = { http_status: 400, code: 131026 };
  await control(deployment, "PUT", "/behaviour", { fail_next: [refusal, refusal] });
  return new CamaraService({ PURPOSES: { login: { channels: ["whatsapp"] } } }).sendCode(to);
}

/** A fixed line in Berlin, where the plan tells them from mobile numbers. */
async function landline(): Promise<Answer> {
  return new CamaraService({}, { destinations: { mobile_only: true } }).sendCode("+493012345678");
}

async function blocked(): Promise<Answer> {
  const added = await service.native.call("POST", "/v1/guard/lists/block", { number: to, note: "Barred." });
  expect(added.status).toBe(201);
  return new CamaraService().sendCode(to);
}

describe("CAMARA's validate-code", () => {
  it("01 success_scenario: 204 with the request's correlator", async () => {
    const { id, code } = await sendCode();
    const { status, headers, text } = await service.validateCode(id, code);
    expect([status, headers.get("x-correlator"), text]).toEqual([204, CORRELATOR, ""]);
  });

  it("02 success_scenario_without_x-correlator: 204 with the request's id as the correlator", async () => {
    const { id, code } = await sendCode();
    const { status, headers } = await service.validateCode(id, code, { "x-correlator": "" });
    expect([status, headers.get("x-correlator")]).toEqual([204, headers.get("x-request-id")]);
  });

  it.each<Scenario>([
    ["400.1 no_request_body", () => service.call("/validate-code"), 400, "INVALID_ARGUMENT"],
    ["400.2 empty_request_body", () => service.call("/validate-code", {}), 400, "INVALID_ARGUMENT"],
    [
      "400.3 missing_authenticationId",
      () => service.call("/validate-code", { code: "1" }),
      400,
      "INVALID_ARGUMENT",
    ],
    ["400.3 missing_code", missingCode, 400, "INVALID_ARGUMENT"],
    ["400.4 exceed_code_max_length", tooLong, 400, "INVALID_ARGUMENT"],
    ["400.5 invalid_otp", wrongCode, 400, `${OTP}.INVALID_OTP`],
    ["400.6 verification_expired, in time", expired, 400, `${OTP}.VERIFICATION_EXPIRED`],
    ["400.7 verification_expired, by a newer code", replaced, 400, `${OTP}.VERIFICATION_EXPIRED`],
    ["400.8 verification_expired, by its use", used, 400, `${OTP}.VERIFICATION_EXPIRED`],
    ["400.9 verification_failed, by the last wrong code already", usedUp, 400, `${OTP}.VERIFICATION_FAILED`],
    ["404 resource_not_found", () => service.validateCode(UNKNOWN, "123456"), 404, "NOT_FOUND"],
  ])("%s", async (_, call, status, code) => {
    expectError(await call(), status, code);
  });

  it.each(UNAUTHENTICATED)("%s: 401 UNAUTHENTICATED", async (_, headers) => {
    const { id, code } = await sendCode();
    expectError(await service.validateCode(id, code, await headers()), 401, "UNAUTHENTICATED");
    expect((await service.validateCode(id, code)).status).toBe(204);
  });
});

async function missingCode(): Promise<Answer> {
  return service.call("/validate-code", { authenticationId: (await sendCode()).id });
}

async function tooLong(): Promise<Answer> {
  return service.validateCode((await sendCode()).id, "thisCodeExceedsTenCharacters");
}

async function wrongCode(): Promise<Answer> {
  return service.validateCode((await sendCode()).id, WRONG);
}

async function expired(): Promise<Answer> {
  const { id, code } = await sendCode();
  wait(300_000);
  return service.validateCode(id, code);
}

async function replaced(): Promise<Answer> {
  const first = await sendCode();
  wait(6000);
  const second = await sendCode();
  expect(second.id).not.toBe(first.id);
  const answer = await service.validateCode(first.id, first.code);
  expect((await service.validateCode(second.id, second.code)).status).toBe(204);
  return answer;
}

async function used(): Promise<Answer> {
  const { id, code } = await sendCode();
  await service.validateCode(id, code);
  return service.validateCode(id, code);
}

async function usedUp(): Promise<Answer> {
  const { id } = await sendCode();
  for (let attempt = 0; attempt < 2; attempt += 1) await service.validateCode(id, WRONG);
  const answer = await service.validateCode(id, WRONG);
  expect(await messagesTo(deployment, to)).toHaveLength(1);
  return answer;
}
