import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Clock } from "../clock/clock.ts";
import { CODE_LIFETIME_SECONDS, type DevProcess, freePorts, startDev } from "../world/dev.ts";
import { SECRETS } from "../world/dev-worker.ts";

const OTP = "ONE_TIME_PASSWORD_SMS";
const CORRELATOR = "b4333c46-49c0-4f62-80d7-f0ef930f1c46";
const PATIENCE_MS = 60_000;

let state: string;
let clock: Clock;
let dev: DevProcess;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "sandi-camara-"));
  clock = new Clock(state);
  dev = await startDev(await freePorts(), state, {}, clock);
}, PATIENCE_MS);

afterAll(async () => {
  await dev.signalAll("SIGINT");
  await rm(state, { recursive: true, force: true });
});

let drawn = 0;
let to: string;
beforeEach(() => {
  drawn += 1;
  to = `+62812${String(50_000_000 + drawn)}`;
});

/** Calls the API as its specification says; every answer has to bring the correlator back. */
async function call(path: string, body: object, key = SECRETS.adminKey) {
  const response = await fetch(`${dev.api}/camara/one-time-password-sms/v1${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "x-correlator": CORRELATOR,
    },
    body: JSON.stringify(body),
  });
  expect(response.headers.get("x-correlator")).toBe(CORRELATOR);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

const sendCode = (key?: string) =>
  call("/send-code", { phoneNumber: to, message: "{{code}} is your code." }, key);
const validateCode = (authenticationId: string, code: string) =>
  call("/validate-code", { authenticationId, code });

async function begin(): Promise<{ readonly id: string; readonly code: string }> {
  const { status, body } = await sendCode();
  expect(status).toBe(200);
  const response = await fetch(`${dev.phone}/_sim/messages?to=${encodeURIComponent(to)}`);
  const { messages } = (await response.json()) as { messages: readonly { code: string }[] };
  return { id: body.authenticationId, code: messages[0]?.code ?? "" };
}

describe("CAMARA One Time Password SMS against npm run dev", () => {
  it("accepts the right code once, after a wrong one", async () => {
    const { id, code } = await begin();
    expect(await validateCode(id, "abcdef")).toMatchObject({
      status: 400,
      body: { code: `${OTP}.INVALID_OTP` },
    });
    expect((await validateCode(id, code)).status).toBe(204);
    expect(await validateCode(id, code)).toMatchObject({
      status: 400,
      body: { status: 400, code: `${OTP}.VERIFICATION_EXPIRED` },
    });
  });

  it("refuses the right code once it has expired", async () => {
    const { id, code } = await begin();
    clock.advance(CODE_LIFETIME_SECONDS + 1);
    expect(await validateCode(id, code)).toMatchObject({
      status: 400,
      body: { status: 400, code: `${OTP}.VERIFICATION_EXPIRED` },
    });
  });

  it("fails a code whose attempts are used up", async () => {
    const { id, code } = await begin();
    for (let attempt = 0; attempt < 4; attempt += 1) await validateCode(id, "abcdef");
    for (const typed of ["abcdef", code]) {
      expect((await validateCode(id, typed)).body.code).toBe(`${OTP}.VERIFICATION_FAILED`);
    }
  });

  it("refuses another code within the cool-down, with a Retry-After", async () => {
    await begin();
    const { status, headers, body } = await sendCode();
    expect([status, body.code]).toEqual([429, "TOO_MANY_REQUESTS"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("ends a code that is canceled", async () => {
    const { id, code } = await begin();
    const headers = { authorization: `Bearer ${SECRETS.adminKey}` };
    const list = await fetch(`${dev.api}/v1/verifications?to=${encodeURIComponent(to)}`, { headers });
    const { data } = (await list.json()) as { data: readonly { id: string }[] };
    await fetch(`${dev.api}/v1/verifications/${data[0]?.id}`, { method: "DELETE", headers });
    expect((await validateCode(id, code)).body.code).toBe(`${OTP}.VERIFICATION_EXPIRED`);
  });

  it("refuses a wrong key, and finds no id that never was", async () => {
    expect(await sendCode("sandi_00000000000000000000000000000000")).toMatchObject({
      status: 401,
      body: { code: "UNAUTHENTICATED" },
    });
    expect(await validateCode("00000000-0000-0000-0000-000000000000", "123456")).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND" },
    });
  });
});
