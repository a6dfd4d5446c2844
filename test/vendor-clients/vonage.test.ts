import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Auth } from "@vonage/auth";
import { Channels, Verify2 } from "@vonage/verify2";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Clock } from "../clock/clock.ts";
import { CODE_LIFETIME_SECONDS, type DevProcess, freePorts, startDev } from "../world/dev.ts";
import { SECRETS } from "../world/dev-worker.ts";

const APPLICATION_ID = "78d335fa-323d-0114-9c3d-d6f0d48968cf";
const UNKNOWN = "00000000-0000-0000-0000-000000000000";
const PATIENCE_MS = 60_000;

const newKeyPair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const { publicKey, privateKey } = newKeyPair();

let state: string;
let clock: Clock;
let dev: DevProcess;
let verify: Verify2;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "sandi-vonage-"));
  const applications = { [APPLICATION_ID]: { public_key: publicKey } };
  const COMPATIBILITY = JSON.stringify({ vonage: { applications } });
  clock = new Clock(state);
  dev = await startDev(await freePorts(), state, { COMPATIBILITY }, clock);
  verify = clientWith(privateKey);
}, PATIENCE_MS);

afterAll(async () => {
  await dev.signalAll("SIGINT");
  await rm(state, { recursive: true, force: true });
});

let drawn = 0;
let to: string;
beforeEach(() => {
  drawn += 1;
  to = `62812${String(40_000_000 + drawn)}`;
});

/** As docs/compatibility.md has it: the host is all that differs. */
function clientWith(key: string, applicationId = APPLICATION_ID): Verify2 {
  return new Verify2(new Auth({ applicationId, privateKey: key }), { apiHost: `${dev.api}/vonage` });
}

const start = (client = verify, more: object = {}) =>
  client.newRequest({
    brand: "ACME",
    workflow: [
      { channel: Channels.WHATSAPP, to, from: "6280987654321" },
      { channel: Channels.SMS, to },
    ],
    ...more,
  });

interface PhoneMessage {
  readonly channel: string;
  readonly code: string;
}

/** What a phone has received, the newest first. */
async function messagesOn(phone: string): Promise<readonly PhoneMessage[]> {
  const response = await fetch(`${dev.phone}/_sim/messages?to=%2B${phone}`);
  return ((await response.json()) as { messages: readonly PhoneMessage[] }).messages;
}

async function codeOn(phone: string): Promise<string> {
  const [message] = await messagesOn(phone);
  if (message === undefined) throw new Error(`Nothing was sent to ${phone}`);
  return message.code;
}

/** The answer with which a call of the client fails. */
async function failureOf(call: Promise<unknown>) {
  const error = await call.then(
    () => null,
    (reason) => reason,
  );
  if (!(error?.response instanceof Response)) throw new Error("The call did not fail with an answer");
  const { response } = error;
  const body = await response.json();
  return { status: response.status, fragment: body.type.split("#")[1], body, headers: response.headers };
}

describe("@vonage/verify2 against npm run dev", () => {
  it("starts a request, and completes it with the right code after a wrong one", async () => {
    const { requestId } = await start();
    expect(requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const code = await codeOn(to);
    expect(
      await failureOf(verify.checkCode(requestId, code === "000000" ? "111111" : "000000")),
    ).toMatchObject({
      status: 400,
      fragment: "invalid-code",
    });
    expect(await verify.checkCode(requestId, code)).toBe("completed");
  });

  it("finds no request whose code has been used", async () => {
    const { requestId } = await start();
    const code = await codeOn(to);
    await verify.checkCode(requestId, code);
    const { status, body } = await failureOf(verify.checkCode(requestId, code));
    expect([status, body.detail]).toEqual([
      404,
      `Request ${requestId} was not found or it has been verified already.`,
    ]);
  });

  it("finds no request whose code has expired", async () => {
    const { requestId } = await start();
    const code = await codeOn(to);
    // The client's token, which carries the time of this process, is valid for 900 seconds.
    clock.advance(CODE_LIFETIME_SECONDS + 1);
    expect(await failureOf(verify.checkCode(requestId, code))).toMatchObject({
      status: 404,
      fragment: "not-found",
    });
  });

  it("is told when the attempts are used up", async () => {
    const { requestId } = await start();
    const statuses = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      statuses.push((await failureOf(verify.checkCode(requestId, "abcdef"))).status);
    }
    expect(statuses).toEqual([400, 400, 400, 400, 410, 410]);
    expect((await failureOf(verify.checkCode(requestId, await codeOn(to)))).fragment).toBe("expired");
  });

  it("gets a conflict with the id of the running request, and goes on with it", async () => {
    const { requestId } = await start();
    const { status, fragment, body } = await failureOf(start());
    expect([status, fragment, body.request_id]).toEqual([409, "conflict", requestId]);
    expect(await verify.checkCode(body.request_id, await codeOn(to))).toBe("completed");
    expect(await messagesOn(to)).toHaveLength(1);
  });

  it("moves on to the next step of the workflow at once, and to none after the last", async () => {
    const { requestId } = await start();
    const code = await codeOn(to);
    expect(await verify.nextWorkflow(requestId)).toBe(true);
    expect((await messagesOn(to)).map((message) => [message.channel, message.code])).toEqual([
      ["sms", code],
      ["whatsapp", code],
    ]);
    expect(await verify.nextWorkflow(requestId)).toBe(false);
    expect(await verify.checkCode(requestId, code)).toBe("completed");
  });

  it("cancels a request once, and its code stops working", async () => {
    const { requestId } = await start();
    const code = await codeOn(to);
    expect(await verify.cancel(requestId)).toBe(true);
    expect(await verify.cancel(requestId)).toBe(false);
    expect((await failureOf(verify.checkCode(requestId, code))).status).toBe(404);
  });

  it("is throttled when it starts again right after a cancellation, with a Retry-After", async () => {
    const { requestId } = await start();
    await verify.cancel(requestId);
    const { status, fragment, headers } = await failureOf(start());
    expect([status, fragment]).toEqual([429, "throttled"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("brings its own code in its own letters, with every option that it knows", async () => {
    const options = {
      code: "aBc123XYz0",
      locale: "id-id",
      channelTimeout: 60,
      clientRef: "order-77",
      fraudCheck: false,
    };
    const { requestId } = await start(verify, options);
    expect(await codeOn(to)).toBe("aBc123XYz0");
    expect(await verify.checkCode(requestId, "aBc123XYz0")).toBe("completed");
  });

  it("is told which parameter is invalid", async () => {
    const { status, body } = await failureOf(start(verify, { brand: "A brand that is too long" }));
    expect([status, body.invalid_parameters.map(({ name }: { name: string }) => name)]).toEqual([
      422,
      ["brand"],
    ]);
  });

  it("is refused with another key, and as an application that is not registered", async () => {
    const stranger = clientWith(newKeyPair().privateKey);
    expect(await failureOf(start(stranger))).toMatchObject({ status: 401, fragment: "unauthorized" });
    expect((await failureOf(start(clientWith(privateKey, UNKNOWN)))).status).toBe(401);
    expect(await messagesOn(to)).toHaveLength(0);
  });

  it("finds no template, and no request that never was", async () => {
    expect((await failureOf(verify.getTemplate(UNKNOWN))).status).toBe(404);
    expect((await failureOf(verify.checkCode(UNKNOWN, "123456"))).status).toBe(404);
    expect(await verify.nextWorkflow(UNKNOWN)).toBe(false);
  });
});

describe("Vonage's API by Basic, as its clients for PHP and Python call it", () => {
  const call = (secret: string, path: string, body: object) =>
    fetch(`${dev.api}/vonage/v2/verify${path}`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`a1b2c3d4:${secret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });

  it("starts and completes a request with an API key as the secret, and no other secret", async () => {
    const body = { brand: "ACME", code_length: 4, channel_timeout: 300, workflow: [{ channel: "sms", to }] };
    const begun = await call(SECRETS.adminKey, "", body);
    const { request_id: id } = (await begun.json()) as { request_id: string };
    expect([begun.status, begun.headers.get("sandi-ignored")]).toEqual([202, "brand, code_length"]);
    const checked = await call(SECRETS.adminKey, `/${id}`, { code: await codeOn(to) });
    expect(await checked.json()).toEqual({ request_id: id, status: "completed" });
    expect((await call("wrong", "", body)).status).toBe(401);
  });
});
