import { describe, expect, it, vi } from "vitest";
import {
  api,
  check,
  codeSentTo,
  control,
  messagesTo,
  newNumber,
  start,
  useDeployment,
  wrong,
} from "../../deployment.ts";

const deployment = useDeployment();
const sent = (to: string) => codeSentTo(deployment, to);
const SECOND = 1000;

describe("starting a verification", () => {
  it("sends a code and answers 201 with the pending verification", async () => {
    const to = newNumber();
    const { status, body } = await start({ to, locale: "id", metadata: { order_id: "A-77" } });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: "pending",
      reason: null,
      purpose: "login",
      to,
      channel: "whatsapp",
      locale: "id",
      bind: null,
      metadata: { order_id: "A-77" },
      attempts_remaining: 5,
      sends_remaining: 4,
      closed_at: null,
      messages: [
        { channel: "whatsapp", status: "queued", template: "verification_code", language: "id", error: null },
      ],
    });
    expect(body.id).toMatch(/^vrf_[0-9a-z]{26}$/);
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(300 * SECOND);
    expect(Date.parse(body.resend_at) - Date.parse(body.created_at)).toBe(30 * SECOND);
    const [message] = await messagesTo(deployment, to);
    expect(message).toMatchObject({ id: body.messages[0].provider_message_id, language: "id" });
    expect(message?.code).toMatch(/^\d{6}$/);
  });

  it("accepts every documented field", async () => {
    const body = {
      to: newNumber(),
      purpose: "either",
      locale: "id",
      channels: ["whatsapp", "sms"],
      code: "482913",
      bind: { amount: "150000.00", currency: "IDR", payee: "Toko Maju" },
      client: { ip: "203.0.113.9", device_id: "d-1" },
      limits: { account: "u_42" },
      metadata: { order_id: "A-77" },
    };
    const answer = await start(body);
    expect(answer.status).toBe(201);
    expect(answer.body.bind).toEqual(body.bind);
    expect(await sent(body.to)).toBe("482913");
  });

  it("sends the pending code again instead of starting another, after the cool-down", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const first = await start({ to, locale: "id" });
    const soon = await start({ to });
    expect(soon).toMatchObject({ status: 429, body: { code: "resend_too_soon" } });

    vi.setSystemTime(Date.now() + 30 * SECOND);
    const again = await start({ to });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ id: first.body.id, sends_remaining: 3, locale: "id" });
    expect(Date.parse(again.body.resend_at) - Date.now()).toBe(60 * SECOND);
    const [second, one] = await messagesTo(deployment, to);
    expect(second).toMatchObject({ code: one?.code, language: "id" });
  });

  it("keeps purposes separate, and replaces a verification with another binding", async () => {
    const to = newNumber();
    const login = await start({ to });
    const bind = { amount: "10.00", currency: "EUR", payee: "Ana" };
    const first = await start({ to, purpose: "transaction", bind });
    const second = await start({ to, purpose: "transaction", bind: { ...bind, amount: "99.00" } });
    expect([login.status, first.status, second.status]).toEqual([201, 201, 201]);
    expect((await api("GET", `/v1/verifications/${first.body.id}`)).body).toMatchObject({
      status: "canceled",
      reason: "superseded",
    });
    expect((await api("GET", `/v1/verifications/${login.body.id}`)).body.status).toBe("pending");
  });
});

describe("checking a code", () => {
  it("approves the right code once, by id", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const code = await sent(to);
    expect((await check(body.id, code)).body).toMatchObject({ valid: true, status: "approved" });
    expect((await check(body.id, code)).body).toMatchObject({ valid: false, status: "approved" });
  });

  it("approves the right code once, by number and purpose", async () => {
    const to = newNumber();
    await start({ to, purpose: "signup" });
    const body = { to, purpose: "signup", code: await sent(to) };
    expect((await api("POST", "/v1/verifications/check", body)).body).toMatchObject({ valid: true });
    expect((await api("POST", "/v1/verifications/check", body)).body).toMatchObject({
      valid: false,
      status: "approved",
    });
  });

  it("answers for a number without a verification as for an expired one, with the same fields", async () => {
    const [known, verified, unreachable, unknown] = [newNumber(), newNumber(), newNumber(), newNumber()];
    const ask = (to: string, code = "000000") => api("POST", "/v1/verifications/check", { to, code });
    await start({ to: known });
    await start({ to: verified });
    await ask(verified, await sent(verified));
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    await start({ to: unreachable });
    const shapeOf = (value: object): unknown =>
      Object.entries(value).map(([key, one]) => [key, key === "messages" ? one.map(Object.keys) : null]);
    const shapes = await Promise.all(
      [known, verified, unreachable, unknown].map(async (to) => {
        const { status, body } = await ask(to, wrong(to === known ? await sent(to) : ""));
        expect([status, body.valid, body.to]).toEqual([200, false, to]);
        return shapeOf(body);
      }),
    );
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    const [once, again] = [await ask(unknown), await ask(unknown)];
    expect(once.body).toMatchObject({ status: "expired", valid: false });
    expect(again.body).toEqual(once.body);
  });

  it("charges an attempt for a wrong code, and fails the verification when no attempt is left", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const code = await sent(to);
    const remaining: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      remaining.push((await check(body.id, wrong(code))).body.attempts_remaining);
    }
    expect(remaining).toEqual([4, 3, 2, 1]);
    expect((await check(body.id, wrong(code))).body).toMatchObject({
      valid: false,
      status: "failed",
      reason: "attempts_exhausted",
      attempts_remaining: 0,
    });
    expect((await check(body.id, code)).body).toMatchObject({ valid: false, status: "failed" });
  });

  const bind = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
  it.each([
    ["no binding", undefined],
    ["another amount", { ...bind, amount: "150000.01" }],
    ["another currency", { ...bind, currency: "USD" }],
    ["another payee", { ...bind, payee: "Toko Mundur" }],
  ])("refuses the right code with %s like a wrong one", async (_, given) => {
    const to = newNumber();
    const { body } = await start({ to, purpose: "transaction", bind });
    const code = await sent(to);
    const refused = await check(body.id, code, given && { bind: given });
    expect(refused.body).toMatchObject({ valid: false, status: "pending", attempts_remaining: 4 });
    expect((await check(body.id, code, { bind })).body).toMatchObject({ valid: true });
  });

  it("rejects a binding for a verification without one", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    expect((await check(body.id, await sent(to), { bind })).body).toMatchObject({
      valid: false,
      status: "pending",
    });
  });

  it("accepts a code with the spaces and letter case that people type", async () => {
    const to = newNumber();
    const { body } = await start({ to, code: "AbC123" });
    expect((await check(body.id, " abc 123 ")).body).toMatchObject({ valid: true });
  });

  it("rejects the right code after expiry, and shows the status expired", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const { body } = await start({ to });
    vi.setSystemTime(Date.parse(body.expires_at));
    expect((await check(body.id, await sent(to))).body).toMatchObject({
      valid: false,
      status: "expired",
      closed_at: body.expires_at,
    });
  });
});

describe("resending and canceling a verification", () => {
  it("sends the same code again and extends its expiry, up to ten minutes after the first message", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const { body } = await start({ to, locale: "id" });
    const begin = Date.parse(body.created_at);
    const lifetimes: number[] = [];
    for (const wait of [30, 60, 120, 240]) {
      vi.setSystemTime(Date.now() + wait * SECOND);
      const again = await api(
        "POST",
        `/v1/verifications/${body.id}/resend`,
        wait === 240 ? { channel: "whatsapp" } : undefined,
      );
      if (again.status !== 200) expect(again.body.code).toBe("resend_too_soon");
      else lifetimes.push((Date.parse(again.body.expires_at) - begin) / SECOND);
    }
    expect(lifetimes).toEqual([330, 390, 510]);
    const messages = await messagesTo(deployment, to);
    expect(new Set(messages.map(({ code }) => code)).size).toBe(1);
    expect(new Set(messages.map(({ language }) => language))).toEqual(new Set(["id"]));
  });

  it("does not resend a verification that has closed or does not exist", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    await check(body.id, await sent(to));
    expect(await api("POST", `/v1/verifications/${body.id}/resend`, {})).toMatchObject({ status: 404 });
    expect(await api("POST", "/v1/verifications/vrf_00000000000000000000000000/resend")).toMatchObject({
      status: 404,
    });
  });

  it("cancels a verification, whose code is then rejected", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const path = `/v1/verifications/${body.id}`;
    expect(await api("DELETE", path)).toMatchObject({
      status: 200,
      body: { status: "canceled", resend_at: null },
    });
    expect((await check(body.id, await sent(to))).body).toMatchObject({ valid: false, status: "canceled" });
    expect(await api("DELETE", path)).toMatchObject({ status: 200, body: { status: "canceled" } });
    expect((await start({ to })).status).toBe(201);
  });

  it("leaves an approved verification approved when it is canceled", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    await check(body.id, await sent(to));
    expect((await api("DELETE", `/v1/verifications/${body.id}`)).body.status).toBe("approved");
  });
});

describe("a channel that fails", () => {
  it("answers 502 with the provider's error until the number's sends are used up", async () => {
    const to = newNumber();
    const refusals = Array.from({ length: 12 }, () => ({ http_status: 400, code: 131026 }));
    await control(deployment, "PUT", "/behaviour", { fail_next: refusals });
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect(await start({ to })).toMatchObject({
        status: 502,
        body: { code: "channel_failed", provider: { channel: "whatsapp", code: "131026" } },
      });
    }
    expect((await start({ to })).body.code).toBe("send_limit_reached");
    expect(deployment.graphCalls).toHaveLength(10);
  });

  it("retries a temporary error once, and answers 503 when it persists", async () => {
    const passing = { http_status: 503, code: 2 };
    await control(deployment, "PUT", "/behaviour", { fail_next: [passing] });
    expect((await start({ to: newNumber() })).status).toBe(201);
    expect(deployment.graphCalls).toHaveLength(2);

    await control(deployment, "PUT", "/behaviour", { fail_next: [passing, passing] });
    const { status, headers, body } = await start({ to: newNumber() });
    expect([status, body.code]).toEqual([503, "channel_unavailable"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(deployment.graphCalls).toHaveLength(4);
  });

  it("keeps a verification pending when it is unknown whether WhatsApp accepted the message", async () => {
    const to = newNumber();
    vi.mocked(fetch).mockImplementationOnce(async (input, init) => {
      await deployment.simulator.app.fetch(new Request(input, init));
      throw new TypeError("Network connection lost.");
    });
    const { status, headers, body } = await start({ to });
    expect([status, body.code]).toEqual([503, "channel_unavailable"]);
    expect(headers.get("retry-after")).toBe("30");
    const answer = await api("POST", "/v1/verifications/check", { to, code: await sent(to) });
    expect(answer.body).toMatchObject({ valid: true, status: "approved" });
  });

  it("does not send a message twice when WhatsApp's response is not readable", async () => {
    vi.mocked(fetch).mockImplementationOnce(
      async () => new Response("<html>Bad gateway</html>", { status: 502 }),
    );
    expect((await start({ to: newNumber() })).status).toBe(503);
    expect(vi.mocked(fetch)).toHaveBeenCalledTimes(1);
  });
});
