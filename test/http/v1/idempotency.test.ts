import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import { endpoints } from "../../../src/http/v1/index.ts";
import {
  type Answer,
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
import { putTemplate } from "../../notifications/rig.ts";

const deployment = useDeployment();
const KEY = { "idempotency-key": "3f1c9a" };
const SECOND = 1000;
const DAY = 86_400 * SECOND;

describe("Idempotency-Key", () => {
  it("answers a repeated start like the first, and sends nothing", async () => {
    const to = newNumber();
    const first = await start({ to }, KEY);
    expect(first.status).toBe(201);
    await check(first.body.id, await codeSentTo(deployment, to));
    const again = await start({ to }, KEY);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(deployment.graphCalls).toHaveLength(1);
  });

  it("answers a repeated failed start like the first", async () => {
    const to = newNumber();
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    const first = await start({ to }, KEY);
    const again = await start({ to }, KEY);
    for (const { status, body } of [first, again]) {
      expect([status, body.code, body.provider.code]).toEqual([502, "channel_failed", "131026"]);
    }
    expect(deployment.graphCalls).toHaveLength(1);
  });

  it("answers a repeated check like the first, and charges no attempt", async () => {
    const to = newNumber();
    const { body } = await start({ to });
    const code = await codeSentTo(deployment, to);
    const wrongOnce = await check(body.id, wrong(code), {}, { "idempotency-key": "a" });
    const wrongAgain = await check(body.id, wrong(code), {}, { "idempotency-key": "a" });
    expect(wrongAgain.body).toEqual(wrongOnce.body);
    const right = await check(body.id, code, {}, { "idempotency-key": "b" });
    const rightAgain = await check(body.id, code, {}, { "idempotency-key": "b" });
    expect(right.body).toMatchObject({ valid: true, attempts_remaining: 3 });
    expect(rightAgain.body).toEqual(right.body);
    expect((await check(body.id, code)).body.valid).toBe(false);
  });

  it("answers a repeated resend like the first", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const { body } = await start({ to: newNumber() });
    vi.setSystemTime(Date.now() + 30 * SECOND);
    const first = await api("POST", `/v1/verifications/${body.id}/resend`, {}, KEY);
    const again = await api("POST", `/v1/verifications/${body.id}/resend`, {}, KEY);
    expect(first).toMatchObject({ status: 200, body: { sends_remaining: 3 } });
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  it("rejects the same key with another body", async () => {
    const to = newNumber();
    const { body } = await start({ to }, KEY);
    const mismatch = { status: 422, body: { code: "idempotency_mismatch" } };
    expect(await start({ to, locale: "id" }, KEY)).toMatchObject(mismatch);
    await check(body.id, "1234", {}, KEY);
    expect(await check(body.id, "1235", {}, KEY)).toMatchObject(mismatch);
  });

  it("ignores white space in the body, but distinguishes callers and endpoints", async () => {
    const to = newNumber();
    const first = await start({ to }, KEY);
    const respelled = await api("POST", "/v1/verifications", `{ "to" :  "${to}" }`, KEY);
    expect(respelled.body).toEqual(first.body);
    const { body: other } = await api("POST", "/v1/keys", { name: "other", scopes: ["verifications"] });
    const answer = await start({ to }, { ...KEY, authorization: `Bearer ${other.key}` });
    expect(answer.body.code).toBe("resend_too_soon");
  });

  it("rejects a key whose first request is still running, until that request must have ended", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const meanwhile: Answer[] = [];
    vi.mocked(fetch).mockImplementationOnce(async (input, init) => {
      const request = new Request(input, init);
      meanwhile.push(await start({ to }, KEY));
      vi.setSystemTime(Date.now() + 30 * SECOND);
      meanwhile.push(await start({ to }, KEY));
      return deployment.simulator.app.fetch(request);
    });
    const first = await start({ to }, KEY);
    const [running, dead] = meanwhile;
    expect(running).toMatchObject({ status: 409, body: { code: "idempotency_in_progress" } });
    expect(running?.headers.get("retry-after")).toBe("30");
    expect(dead).toMatchObject({
      status: 201,
      body: { id: first.body.id, status: "pending", sends_remaining: 4 },
    });
    expect(first.status).toBe(201);
    expect(deployment.graphCalls).toHaveLength(0);
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("does not store a refusal: the same key works after the wait", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    await start({ to });
    expect((await start({ to }, KEY)).body.code).toBe("resend_too_soon");
    vi.setSystemTime(Date.now() + 30 * SECOND);
    expect((await start({ to }, KEY)).status).toBe(200);
  });

  it("expires after a day", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const first = await start({ to }, KEY);
    vi.setSystemTime(Date.now() + DAY);
    const later = await start({ to, locale: "id" }, KEY);
    expect(later.status).toBe(201);
    expect(later.body.id).not.toBe(first.body.id);
  });

  it.each(["", "a b", "ü", '"a"b"', "x".repeat(256)])("rejects the key %j", async (key) => {
    expect(await start({ to: newNumber() }, { "idempotency-key": key })).toMatchObject({ status: 400 });
  });

  it("reads a quoted key as the same key", async () => {
    const to = newNumber();
    const first = await start({ to }, { "idempotency-key": '"k-1"' });
    expect((await start({ to }, { "idempotency-key": "k-1" })).body).toEqual(first.body);
  });

  it("an Idempotency-Key of a check covers which verification is checked", async () => {
    const to = newNumber();
    const login = await start({ to });
    const signup = await start({ to, purpose: "signup" });
    const [newest, older] = await messagesTo(deployment, to);
    expect((await check(signup.body.id, newest?.code ?? "", {}, KEY)).body).toMatchObject({
      id: signup.body.id,
      valid: true,
    });
    expect((await check(login.body.id, newest?.code ?? "", {}, KEY)).body).toMatchObject({
      id: login.body.id,
      valid: false,
    });
    expect((await check(login.body.id, older?.code ?? "")).body.valid).toBe(true);
  });

  it("an Idempotency-Key of one app is another request in another app", async () => {
    const to = newNumber();
    const ofDefault = await start({ to }, KEY);
    const ofShop = await start({ to }, { ...KEY, "sandi-app": "shop" });
    expect([ofDefault.body.app, ofShop.body.app ?? ofShop.body.code]).not.toEqual(["default", "default"]);
    expect(ofShop.text).not.toContain(ofDefault.body.id);
  });
});

describe("Idempotency-Key of notifications and webhook endpoints", () => {
  const message = { template: "shipping_update", parameters: { name: "Ana", order: "A-77" } };
  const send = (path: string, body: object, headers = KEY) => api("POST", path, body, headers);

  beforeEach(() => putTemplate(deployment));

  it.each([
    ["/v1/notifications", (to: string) => ({ to, ...message }), { metadata: { order_id: "B" } }],
    [
      "/v1/notifications/batches",
      (to: string) => ({ template: message.template, recipients: [{ to, parameters: message.parameters }] }),
      { locale: "en" },
    ],
    ["/v1/webhook-endpoints", () => ({ url: "https://shop.example.com/hooks" }), { description: "Another" }],
  ])(
    "a repeated POST %s gives the first answer, with another body 422, and after a day is new",
    async (path, bodyOf, more) => {
      vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
      const body = bodyOf(newNumber());
      const first = await send(path, body);
      expect(first.status).toBeLessThan(300);
      const again = await send(path, body);
      expect([again.status, again.body]).toEqual([first.status, first.body]);
      const mismatch = { status: 422, body: { code: "idempotency_mismatch" } };
      expect(await send(path, { ...body, ...more })).toMatchObject(mismatch);

      const ofShop = await send(path, body, { ...KEY, "sandi-app": "shop" } as typeof KEY);
      expect(ofShop.status).toBe(first.status);
      expect(ofShop.body.id).not.toBe(first.body.id);

      vi.setSystemTime(Date.now() + DAY);
      const later = await send(path, { ...body, ...more });
      expect(later.status).toBe(first.status);
      expect(later.body.id).not.toBe(first.body.id);
      expect((await send(path, { ...body, ...more })).body).toEqual(later.body);
    },
  );

  it("a repeated notification with a key is sent once, and the first answer stays as it was", async () => {
    const to = newNumber();
    const first = await send("/v1/notifications", { to, ...message });
    const again = await send("/v1/notifications", { to, ...message });
    expect(again.body).toEqual(first.body);
    await vi.waitFor(async () => expect(await messagesTo(deployment, to)).toHaveLength(1));
    expect((await send("/v1/notifications", { to, ...message })).body).toEqual(first.body);
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("a repeated free-form message with a key is sent once", async () => {
    const to = newNumber();
    await control(deployment, "POST", "/inbound", { from: to, text: "Hello" });
    const first = await send("/v1/messages", { to, text: "Hi" });
    expect(first.status).toBe(202);
    const again = await send("/v1/messages", { to, text: "Hi" });
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(await messagesTo(deployment, to)).toHaveLength(1);
    expect((await send("/v1/messages", { to, text: "Ho" })).body.code).toBe("idempotency_mismatch");
  });

  it("a free-form message that WhatsApp refused for now can be repeated with its key, one it refused for good cannot", async () => {
    const to = newNumber();
    await control(deployment, "POST", "/inbound", { from: to, text: "Hello" });
    const failNext = (http_status: number, code: number) =>
      control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status, code }] });
    await failNext(400, 131026);
    const refused = await send("/v1/messages", { to, text: "Hi" });
    expect(refused.status).toBe(502);
    expect(await send("/v1/messages", { to, text: "Hi" })).toMatchObject({
      status: 502,
      body: { provider: { code: "131026" } },
    });
    await failNext(400, 131056);
    const other = { "idempotency-key": "other" };
    expect((await send("/v1/messages", { to, text: "Hi" }, other)).status).toBe(503);
    expect((await send("/v1/messages", { to, text: "Hi" }, other)).status).toBe(202);
  });

  it("every endpoint that accepts an Idempotency-Key says so in the API description, and no other does", async () => {
    const { body } = await api("GET", "/openapi.json");
    const accepting = endpoints(deploy(env))
      .map(({ definition }) => definition)
      .filter(({ acceptsIdempotencyKey }) => acceptsIdempotencyKey);
    expect(accepting.map(({ operationId }) => operationId).sort()).toEqual([
      "checkVerification",
      "checkVerificationByNumber",
      "createNotificationBatch",
      "createWebhookEndpoint",
      "resendVerification",
      "sendMessage",
      "sendNotification",
      "startVerification",
    ]);
    const described = Object.values(body.paths as Record<string, object>)
      .flatMap((operations) => Object.values(operations))
      .filter((operation) => JSON.stringify(operation).toLowerCase().includes('"idempotency-key"'));
    expect(described.map(({ operationId }) => operationId).sort()).toEqual(
      accepting.map(({ operationId }) => operationId).sort(),
    );
  });
});
