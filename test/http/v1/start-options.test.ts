import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { ownerOf, type VerificationId } from "../../../src/ids/verification-id.ts";
import { api, check, codeSentTo, messagesTo, newNumber, start, useDeployment } from "../../deployment.ts";

const deployment = useDeployment();
const SECOND = 1000;
const codeTo = (to: string) => codeSentTo(deployment, to);
const resend = (id: string, body: object = {}) => api("POST", `/v1/verifications/${id}/resend`, body);

describe("the code_length of a start", () => {
  it.each([6, 8, 10])("is the length of the code that is drawn: %d", async (code_length) => {
    const to = newNumber();
    const { status, body } = await start({ to, code_length });
    expect([status, (await codeTo(to)).length]).toEqual([201, code_length]);
    expect((await check(body.id, await codeTo(to))).body.valid).toBe(true);
  });

  it("is kept to by a resend that draws another code", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const { body } = await start({ to, purpose: "anew", code_length: 9 });
    const first = await codeTo(to);
    vi.setSystemTime(Date.now() + 30 * SECOND);
    expect((await resend(body.id)).status).toBe(200);
    expect(await codeTo(to)).not.toBe(first);
    expect(await codeTo(to)).toMatch(/^\d{9}$/);
  });

  it.each([
    [5, {}, "It is shorter than the code_length of this purpose."],
    [8, { code: "482913" }, "It is the length of a code that is drawn; this request brings its own."],
    [3, {}, expect.any(String)],
    [11, {}, expect.any(String)],
    [6.5, {}, expect.any(String)],
    ["8", {}, expect.any(String)],
  ])("is refused by name where it is %j with %j, and nothing is sent", async (code_length, more, detail) => {
    const { status, body } = await start({ to: newNumber(), code_length, ...more });
    expect([status, body.code]).toEqual([400, "invalid_request"]);
    expect(body.errors).toContainEqual({ pointer: "/code_length", detail });
    expect(deployment.graphCalls).toHaveLength(0);
  });
});

describe("the fallback_after_seconds of a start", () => {
  it("is how long a silent message is waited for before the next channel", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const { body } = await start({ to, purpose: "either", fallback_after_seconds: 20 });
    const object = env.PHONE_NUMBERS.getByName(ownerOf(body.id as VerificationId));
    const channels = async () => (await messagesTo(deployment, to)).map(({ channel }) => channel);
    vi.setSystemTime(Date.now() + 19 * SECOND);
    await runDurableObjectAlarm(object);
    expect(await channels()).toEqual(["whatsapp"]);
    vi.setSystemTime(Date.now() + SECOND);
    await runDurableObjectAlarm(object);
    await vi.waitFor(async () => expect(await channels()).toEqual(["sms", "whatsapp"]), { timeout: 5_000 });
  });

  it.each([9, 301, 20.5, "20"])("is refused by name where it is %j", async (fallback_after_seconds) => {
    const { status, body } = await start({ to: newNumber(), fallback_after_seconds });
    expect([status, body.errors[0].pointer]).toEqual([400, "/fallback_after_seconds"]);
  });
});

describe("a code that the caller brings", () => {
  it("is sent as it is given, over WhatsApp and by SMS, and is accepted in either case", async () => {
    const to = newNumber();
    const { body } = await start({ to, purpose: "either", code: "aB3dEf" });
    expect(await codeTo(to)).toBe("aB3dEf");
    expect((await resend(body.id, { channel: "sms" })).status).toBe(200);
    expect(await codeTo(to)).toBe("aB3dEf");
    expect((await check(body.id, "Ab3DeF")).body.valid).toBe(true);
  });

  it("is sent as the newest start gives it, and does not live longer because its case differs", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const { body } = await start({ to, purpose: "patient", code: "aB3dEf" });
    const lasts = (each: { expires_at: string }) => Date.parse(each.expires_at) - Date.parse(body.created_at);
    vi.setSystemTime(Date.now() + 290 * SECOND);
    await start({ to, purpose: "patient", code: "AB3DEF" });
    expect(await codeTo(to)).toBe("AB3DEF");
    vi.setSystemTime(Date.now() + 280 * SECOND);
    const again = await start({ to, purpose: "patient", code: "ab3def" });
    expect(lasts(again.body)).toBe(600 * SECOND);
  });
});

describe("POST /v1/verifications/{id}/approve", () => {
  const approve = (id: string, headers?: Record<string, string>) =>
    api("POST", `/v1/verifications/${id}/approve`, undefined, headers);

  it("closes a pending verification as approved, and answers a second call alike", async () => {
    const { body } = await start({ to: newNumber(), code: "482913" });
    const first = await approve(body.id);
    expect(first).toMatchObject({ status: 200, body: { id: body.id, status: "approved", reason: null } });
    expect(await approve(body.id)).toMatchObject({ status: 200, body: first.body });
    expect((await check(body.id, "482913")).body).toMatchObject({ valid: false, status: "approved" });
  });

  it("does not unlock a number, whose failures in a row it leaves as they are", async () => {
    const to = newNumber();
    const ids: string[] = [];
    for (const session of ["a", "b"]) {
      const { body } = await start({ to, session, code: "482913" });
      ids.push(body.id);
      for (let attempt = 0; attempt < 5; attempt += 1) await check(body.id, "000000", { session });
    }
    expect(ids).toHaveLength(2);
    expect((await start({ to })).body.code).toBe("number_locked");
    vi.useFakeTimers({ now: Date.now() + 31 * SECOND, toFake: ["Date"] });
    const { body } = await start({ to, code: "482913" });
    expect((await approve(body.id)).body.status).toBe("approved");
    const next = await start({ to, code: "482913" });
    await check(next.body.id, "000000");
    expect((await check(next.body.id, "482913")).body.code).toBe("number_locked");
  });

  it("leaves a finished verification as it is, and does not find one that does not exist", async () => {
    const { body } = await start({ to: newNumber() });
    await api("DELETE", `/v1/verifications/${body.id}`);
    expect(await approve(body.id)).toMatchObject({ status: 200, body: { status: "canceled" } });
    expect(await approve("vrf_00000000000000000000000000")).toMatchObject({ status: 404 });
  });

  it("answers the id of a decoy as it answers one that has expired", async () => {
    const decoy = await api("POST", "/v1/verifications/check", { to: newNumber(), code: "482913" });
    const { valid: _, ...shown } = decoy.body;
    expect(await approve(decoy.body.id)).toMatchObject({ status: 200, body: shown });
  });
});

it("a verification of this API says so in via", async () => {
  const { body } = await start({ to: newNumber() });
  expect(body.via).toBe("v1");
  expect((await api("GET", `/v1/verifications/${body.id}`)).body.via).toBe("v1");
});
