import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import twilio from "twilio";
import twilio5 from "twilio-5";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Clock } from "../clock/clock.ts";
import { CODE_LIFETIME_SECONDS, type DevProcess, freePorts, startDev } from "../world/dev.ts";
import { SECRETS } from "../world/dev-worker.ts";

const ACCOUNT = `AC${"0123456789abcdef".repeat(2)}`;
const SERVICE = "VA0123456789abcdef0123456789abcdef";
const PATIENCE_MS = 60_000;
/** The queue of events is delivered within seconds. */
const JOURNALED = { timeout: 30_000, interval: 500 };

/** The calls of both versions are typed alike. */
const CLIENTS = [
  ["6.3.1", twilio, "6281250"],
  ["5.13.1", twilio5 as unknown as typeof twilio, "6281251"],
] as const;

let state: string;
let clock: Clock;
let dev: DevProcess;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "sandi-twilio-"));
  const COMPATIBILITY = JSON.stringify({ twilio: { services: { [SERVICE]: "login" } } });
  clock = new Clock(state);
  dev = await startDev(await freePorts(), state, { COMPATIBILITY }, clock);
}, PATIENCE_MS);

afterAll(async () => {
  await dev.signalAll("SIGINT");
  await rm(state, { recursive: true, force: true });
});

interface PhoneMessage {
  readonly channel: string;
  readonly code: string;
}

/** What a phone has received, the newest first. */
async function messagesOn(phone: string): Promise<readonly PhoneMessage[]> {
  const response = await fetch(`${dev.phone}/_sim/messages?to=${encodeURIComponent(phone)}`);
  return ((await response.json()) as { messages: readonly PhoneMessage[] }).messages;
}

async function codeOn(phone: string): Promise<string> {
  const [message] = await messagesOn(phone);
  if (message === undefined) throw new Error(`Nothing was sent to ${phone}`);
  return message.code;
}

const wrong = (code: string) => (code === "000000" ? "111111" : "000000");

/** The error with which a call of the client fails. */
async function failureOf(call: Promise<unknown>) {
  const failure = await call.then(
    () => null,
    (error: unknown) => error as { status: number; code: number; message: string; moreInfo: string },
  );
  if (failure === null) throw new Error("The call did not fail");
  return failure;
}

describe.each(CLIENTS)("Twilio's client %s", (_, twilioOf, prefix) => {
  let drawn = 0;
  let to: string;
  let client: ReturnType<typeof twilioOf>;
  let service: ReturnType<typeof client.verify.v2.services>;

  /** As docs/compatibility.md has it: the base URL and the token are all that differs. */
  function clientWith(key: string) {
    const made = twilioOf(ACCOUNT, key);
    made.verify.baseUrl = `${dev.api}/twilio`;
    return made;
  }

  beforeEach(() => {
    drawn += 1;
    to = `+${prefix}${String(10_000 + drawn)}`;
    client = clientWith(SECRETS.adminKey);
    service = client.verify.v2.services(SERVICE);
  });

  const start = () => service.verifications.create({ to, channel: "whatsapp" });
  const check = (code: string) => service.verificationChecks.create({ to, code });

  it("starts a verification, and reads it by SID and by number", async () => {
    const started = await start();
    expect(started).toMatchObject({
      sid: expect.stringMatching(/^VE[0-9a-f]{32}$/),
      serviceSid: SERVICE,
      accountSid: ACCOUNT,
      to,
      channel: "whatsapp",
      status: "pending",
      valid: false,
    });
    expect(started.dateCreated).toBeInstanceOf(Date);
    expect(Math.abs(started.dateCreated.getTime() - clock.now())).toBeLessThan(PATIENCE_MS);
    expect(await messagesOn(to)).toHaveLength(1);
    expect((await service.verifications(started.sid).fetch()).sid).toBe(started.sid);
    expect((await service.verifications(to).fetch()).sid).toBe(started.sid);
    expect((await started.fetch()).status).toBe("pending");
  });

  it("gets a wrong code as pending, the right one as approved, and a used one as 20404", async () => {
    const { sid } = await start();
    const code = await codeOn(to);
    expect(await check(wrong(code))).toMatchObject({ status: "pending", valid: false });
    const approved = await service.verificationChecks.create({ verificationSid: sid, code });
    expect(approved).toMatchObject({ sid, status: "approved", valid: true });
    expect(await failureOf(check(code))).toMatchObject({
      status: 404,
      code: 20404,
      moreInfo: "https://www.twilio.com/docs/errors/20404",
    });
    expect(await failureOf(service.verifications(sid).fetch())).toMatchObject({ code: 20404 });
  });

  it("gets the right code as 20404 once it has expired", async () => {
    const { sid } = await start();
    const code = await codeOn(to);
    clock.advance(CODE_LIFETIME_SECONDS + 1);
    expect(await failureOf(check(code))).toMatchObject({ status: 404, code: 20404 });
    expect(await failureOf(service.verificationChecks.create({ verificationSid: sid, code }))).toMatchObject({
      status: 404,
      code: 20404,
    });
  });

  it("gets 60212 within the cool-down, and 60202 once the attempts are used up", async () => {
    await start();
    expect(await failureOf(start())).toMatchObject({ status: 429, code: 60212 });
    const code = await codeOn(to);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await check(wrong(code))).toMatchObject({ status: "pending", valid: false });
    }
    expect(await failureOf(check(code))).toMatchObject({ status: 429, code: 60202 });
  });

  it("cancels a verification, and approves one whose own code the caller has checked", async () => {
    const { sid } = await start();
    const canceled = await service.verifications(sid).update({ status: "canceled" });
    expect(canceled).toMatchObject({ sid, status: "canceled" });
    expect(await failureOf(check(await codeOn(to)))).toMatchObject({ code: 20404 });
    to = `${to.slice(0, -1)}${(Number(to.at(-1)) + 5) % 10}`;
    const brought = await service.verifications.create({ to, channel: "whatsapp", customCode: "482913" });
    expect(await codeOn(to)).toBe("482913");
    expect(await service.verifications(brought.sid).update({ status: "approved" })).toMatchObject({
      status: "approved",
      valid: true,
    });
  });

  it("takes every parameter that means something here", async () => {
    const transaction = client.verify.v2.services("transaction");
    const binding = { amount: "€39.99", payee: "Acme" };
    const started = await transaction.verifications.create({
      to,
      channel: "auto",
      locale: "id",
      rateLimits: { account: "u_42" },
      tags: JSON.stringify({ order_id: "A-77" }),
      deviceIp: "203.0.113.9",
      appHash: "He42w354ol9",
      ...binding,
    });
    expect(started).toMatchObject(binding);
    const code = await codeOn(to);
    const checked = await transaction.verificationChecks.create({ to, code, ...binding });
    expect(checked).toMatchObject({ valid: true, ...binding });
  });

  it("gets a wrong token as 20003, an unknown service as 20404 and a bad number as 60200", async () => {
    const stranger = clientWith("sandi_00000000000000000000000000000000").verify.v2.services(SERVICE);
    expect(await failureOf(stranger.verifications.create({ to, channel: "whatsapp" }))).toMatchObject({
      status: 401,
      code: 20003,
    });
    const unknown = client.verify.v2.services("nothing").verifications;
    expect(await failureOf(unknown.create({ to, channel: "whatsapp" }))).toMatchObject({ code: 20404 });
    const bad = await failureOf(service.verifications.create({ to: "+1555", channel: "whatsapp" }));
    expect(bad).toMatchObject({ status: 400, code: 60200 });
    expect(bad.message).toContain("`To`");
    const call = await failureOf(service.verifications.create({ to, channel: "call" }));
    expect(call).toMatchObject({ status: 400, code: 60223 });
  });

  it("with an API key SID shows an account that is derived from the key", async () => {
    const made = twilioOf("SK0", SECRETS.adminKey, { accountSid: ACCOUNT });
    made.verify.baseUrl = `${dev.api}/twilio/`;
    const shown = await made.verify.v2.services(SERVICE).fetch();
    expect(shown.accountSid).toMatch(/^AC[0-9a-f]{32}$/);
    expect(shown.accountSid).not.toBe(ACCOUNT);
  });

  it("makes a host of two labels into another one", async () => {
    const { port } = new URL(dev.api);
    const made = clientWith(SECRETS.adminKey);
    const request = vi.spyOn(made.httpClient, "request").mockRejectedValue(new Error("not sent"));
    for (const host of ["otp.example.com", "example.com"]) {
      made.verify.baseUrl = `https://${host}:${port}/twilio`;
      await failureOf(made.verify.v2.services(SERVICE).fetch());
    }
    const hosts = request.mock.calls.map(([{ uri }]) => new URL(uri).hostname);
    expect(hosts).toEqual(["otp.example.com", expect.not.stringMatching(/^example\.com$/)]);
  });

  it("lists the services, and fetches one", async () => {
    const services = await client.verify.v2.services.list();
    expect(services.map(({ friendlyName }) => friendlyName)).toContain("transaction");
    expect(await service.fetch()).toMatchObject({
      sid: SERVICE,
      friendlyName: "login",
      customCodeEnabled: true,
    });
  });

  it("lists the attempts across pages, and their summary", async () => {
    const { sid } = await start();
    expect((await check(await codeOn(to))).valid).toBe(true);
    const attempts = await vi.waitFor(async () => {
      const found = await client.verify.v2.verificationAttempts.list({ verificationSid: sid });
      expect(found).toHaveLength(1);
      return found;
    }, JOURNALED);
    expect(attempts[0]).toMatchObject({
      verificationSid: sid,
      serviceSid: SERVICE,
      conversionStatus: "converted",
      channel: "whatsapp",
    });
    // More than one has closed, so that a page of one is not the last.
    const all = await client.verify.v2.verificationAttempts.list({ pageSize: 1 });
    expect(all.length).toBeGreaterThan(1);
    expect(new Set(all.map((attempt) => attempt.sid)).size).toBe(all.length);
    const summary = await client.verify.v2.verificationAttemptsSummary().fetch();
    expect(summary.totalAttempts).toBeGreaterThanOrEqual(all.length);
    expect(summary.totalConverted + summary.totalUnconverted).toBe(summary.totalAttempts);
    expect(Number(summary.conversionRatePercentage)).toBeGreaterThan(0);
  });
});
