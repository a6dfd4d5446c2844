import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { ownerOf, parseVerificationId } from "../../src/ids/verification-id.ts";
import {
  api,
  check,
  control,
  messagesTo,
  newNumber,
  start,
  statuses,
  useDeployment,
  webhook,
} from "../deployment.ts";

const deployment = useDeployment();
const SECOND = 1000;
const BOTH = { purpose: "either", channels: ["whatsapp", "sms"] };

async function begin() {
  const to = newNumber();
  const { body } = await start({ to, ...BOTH });
  return { to, id: body.id as string, wamid: body.messages[0].provider_message_id as string };
}

function objectOf(text: string) {
  const id = parseVerificationId(text);
  if (id === null) throw new Error(`${text} is not an id`);
  return env.PHONE_NUMBERS.getByName(ownerOf(id));
}

const failed = ({ id, wamid, to }: Awaited<ReturnType<typeof begin>>) =>
  statuses({
    id: wamid,
    status: "failed",
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: to.slice(1),
    biz_opaque_callback_data: `${id}.0`,
    errors: [{ code: 131026 }],
  });

const smsTo = async (to: string) =>
  (await messagesTo(deployment, to)).filter(({ channel }) => channel === "sms");

async function expectOneSms(to: string) {
  await vi.waitFor(async () => expect(await smsTo(to)).toHaveLength(1), { timeout: 5_000 });
  const [sms, whatsapp] = await messagesTo(deployment, to);
  if (whatsapp !== undefined) expect(sms?.code).toBe(whatsapp.code);
  return sms?.code ?? "";
}

describe("a start whose WhatsApp message is refused", () => {
  it("falls back to SMS with the same code at once, and reports both messages", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    const to = newNumber();
    const { status, body } = await start({ to, ...BOTH });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: "pending",
      channel: "sms",
      sends_remaining: 3,
      messages: [
        { channel: "whatsapp", status: "failed", error: { code: "131026" } },
        { channel: "sms", status: "queued", template: null, error: null },
      ],
    });
    expect((await check(body.id, await expectOneSms(to))).body).toMatchObject({ valid: true });
  });

  it("closes the verification as failed when SMS is refused too", async () => {
    const fail_next = [
      { http_status: 400, code: 131026 },
      { http_status: 400, code: 1, channel: "sms" },
    ];
    await control(deployment, "PUT", "/behaviour", { fail_next });
    const { status, body } = await start({ to: newNumber(), ...BOTH });
    expect([status, body.provider.channel]).toEqual([502, "sms"]);
  });

  it("answers a repeated idempotency key with the result of the last channel", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    const request = { to: newNumber(), ...BOTH };
    const first = await start(request, { "idempotency-key": "k" });
    const again = await start(request, { "idempotency-key": "k" });
    expect(again.body).toEqual(first.body);
    expect(first.body.messages).toHaveLength(2);
  });
});

describe("a failed status of a WhatsApp message", () => {
  it("causes a fallback to SMS with the same code", async () => {
    const begun = await begin();
    expect((await webhook(failed(begun))).status).toBe(200);
    const code = await expectOneSms(begun.to);
    expect((await api("GET", `/v1/verifications/${begun.id}`)).body).toMatchObject({
      status: "pending",
      channel: "sms",
      messages: [{ status: "failed", error: { code: "131026" } }, { channel: "sms" }],
    });
    expect((await check(begun.id, code)).body).toMatchObject({ valid: true });
  });

  it("causes one SMS when the status is repeated", async () => {
    const begun = await begin();
    for (let time = 0; time < 5; time += 1) await webhook(failed(begun));
    await expectOneSms(begun.to);
    const { body } = await api("GET", `/v1/verifications/${begun.id}`);
    expect(body.messages).toHaveLength(2);
  });

  it("causes one SMS when the queue repeats the job or the object is evicted in between", async () => {
    const begun = await begin();
    await webhook(failed(begun));
    await evictDurableObject(objectOf(begun.id));
    await expectOneSms(begun.to);
    for (let time = 0; time < 3; time += 1) await env.SENDS.send({ kind: "send", id: begun.id, ordinal: 1 });
    const later = await begin();
    await webhook(failed(later));
    await expectOneSms(later.to);
    expect(await smsTo(begun.to)).toHaveLength(1);
  });
});

describe("a WhatsApp message without a delivery status", () => {
  it("is followed by an SMS when the alarm finds it silent for too long", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await begin();
    vi.setSystemTime(Date.now() + 45 * SECOND);
    expect(await runDurableObjectAlarm(objectOf(begun.id))).toBe(true);
    await expectOneSms(begun.to);
  });

  it("is not followed by an SMS after it was delivered or its code was approved", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const [delivered, approved] = [await begin(), await begin()];
    const update = {
      id: delivered.wamid,
      status: "delivered",
      timestamp: String(Math.floor(Date.now() / 1000)),
    };
    await webhook(statuses({ ...update, biz_opaque_callback_data: `${delivered.id}.0` }));
    const [message] = await messagesTo(deployment, approved.to);
    await check(approved.id, message?.code ?? "");
    vi.setSystemTime(Date.now() + 45 * SECOND);
    for (const { id, to } of [delivered, approved]) {
      await runDurableObjectAlarm(objectOf(id));
      const { body } = await api("GET", `/v1/verifications/${id}`);
      expect(body.messages).toHaveLength(1);
      expect(await smsTo(to)).toHaveLength(0);
    }
  });

  it("is followed by an SMS once WhatsApp has dropped it, where that is sooner", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const brief = { name: "brief", category: "authentication", time_to_live_seconds: 30 };
    await env.TEMPLATES.put(
      "template/brief",
      JSON.stringify({ ...brief, languages: { en_US: { status: "APPROVED" } } }),
    );
    const to = newNumber();
    // The simulator has no such template; only the time until the object falls back matters.
    vi.mocked(fetch).mockImplementationOnce(async () => Response.json({ messages: [{ id: "wamid.brief" }] }));
    const { body } = await start({ to, ...BOTH, purpose: "brief" });
    expect(body.messages[0]).toMatchObject({ template: "brief", provider_message_id: "wamid.brief" });
    vi.setSystemTime(Date.now() + 35 * SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    await vi.waitFor(async () => expect(await smsTo(to)).toHaveLength(1), { timeout: 5_000 });
  });

  it("is followed by an SMS when the queue has lost the job", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await begin();
    const lost = await runInDurableObject(objectOf(begun.id), (object) => {
      const { env: bindings } = object as unknown as { env: Env };
      return vi.spyOn(bindings.SENDS, "sendBatch").mockResolvedValue({} as QueueSendBatchResponse);
    });
    await webhook(failed(begun));
    expect(lost).toHaveBeenCalledTimes(1);
    lost.mockRestore();
    expect(await smsTo(begun.to)).toHaveLength(0);
    vi.setSystemTime(Date.now() + 10 * SECOND);
    await runDurableObjectAlarm(objectOf(begun.id));
    await expectOneSms(begun.to);
  });

  it("is not followed by an SMS when the code is approved between the decision and the send", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const begun = await begin();
    const [message] = await messagesTo(deployment, begun.to);
    await runInDurableObject(objectOf(begun.id), (object) => {
      const { env: bindings } = object as unknown as { env: Env };
      vi.spyOn(bindings.SENDS, "sendBatch").mockRejectedValue(new Error("the queue is down"));
    });
    await webhook(failed(begun));
    await check(begun.id, message?.code ?? "");
    vi.restoreAllMocks();
    await env.SENDS.send({ kind: "send", id: begun.id, ordinal: 1 });
    expect((await api("GET", `/v1/verifications/${begun.id}`)).body.status).toBe("approved");
    expect(await smsTo(begun.to)).toHaveLength(0);
  });
});
