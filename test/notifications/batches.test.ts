import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { RateLimiter, RateLimiters } from "../../src/channels/whatsapp/rate-limiter.ts";
import { deploy } from "../../src/deployment.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { newBatchId } from "../../src/ids/batch-id.ts";
import type { NotificationId } from "../../src/ids/notification-id.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import {
  act,
  createBatch,
  DAY,
  objectOf,
  read,
  recipients,
  SECOND,
  START,
  stored,
  useBatchRig,
} from "./batch-rig.ts";

const deployment = useDeployment();
const useRig = useBatchRig();

const NONE = { waiting: 0, sending: 0, sent: 0, failed: 0, opted_out: 0, canceled: 0 };
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);
const SEALED = { id: "ntf_00000000000000000000000000" as NotificationId, sealed: "sealed" };

/** Milliseconds until the object's alarm. */
const alarmIn = (id: string) =>
  runInDurableObject(objectOf(id), async (_, { storage }) => ((await storage.getAlarm()) ?? 0) - Date.now());

/** Creates the template at WhatsApp, which approves it. */
async function createTemplate() {
  const components = [
    {
      type: "BODY",
      text: "Halo {{name}}, pesanan {{order}} sudah dikirim.",
      example: {
        body_text_named_params: [
          { param_name: "name", example: "Ana" },
          { param_name: "order", example: "A-77" },
        ],
      },
    },
  ];
  const named = { name: "shipping_update", language: "id", parameter_format: "NAMED" };
  const { status } = await deployment.simulator.app.request(
    `/v26.0/${env.WHATSAPP_BUSINESS_ACCOUNT_ID}/message_templates`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${env.WHATSAPP_ACCESS_TOKEN}` },
      body: JSON.stringify({ ...named, category: "UTILITY", components }),
    },
  );
  if (status !== 200) throw new Error(`The template was answered ${status}`);
}

const upTo = (count: number) => Array.from({ length: count }, (_, ordinal) => ordinal);

describe("creating a batch", () => {
  it("answers 202 immediately and sends each recipient their own message", async () => {
    const rig = useRig();
    const list = recipients(45);
    const { status, body } = await createBatch(list);
    expect([status, body]).toEqual([
      202,
      { id: expect.stringMatching(/^bat_[0-9a-z]{26}$/), total: 45, status: "running" },
    ]);
    expect(await read(body.id)).toEqual({
      id: body.id,
      template: "shipping_update",
      status: "running",
      total: 45,
      errors: [],
      counts: { ...NONE, waiting: 45 },
      created_at: new Date(START).toISOString(),
      finished_at: null,
    });

    pass(3 * SECOND);
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({
      status: "done",
      counts: { ...NONE, sent: 45 },
      finished_at: new Date(START + 3 * SECOND).toISOString(),
    });
    expect(rig.ordinalsSent.toSorted((a, b) => a - b)).toEqual(upTo(45));
    const { keyring } = deploy(env).config;
    for (const { id, sealed, batch } of rig.sent) {
      const { to, parameters } = list[batch?.ordinal ?? -1] ?? {};
      const text = [parameters?.name, parameters?.order].map((value) =>
        expect.objectContaining({ text: value }),
      );
      expect(JSON.parse(keyring.open(sealed, id))).toMatchObject({
        to,
        message: {
          name: "shipping_update",
          language: "id",
          components: [{ type: "body", parameters: text }],
        },
      });
    }
  });

  it("prefers the recipient's locale to the batch's, and the batch's to the country's", async () => {
    const rig = useRig();
    const [first, second] = recipients(2);
    await createBatch([{ ...first, locale: "id" }, { ...second }], { locale: "en" });
    const { keyring } = deploy(env).config;
    const languages = rig.queue.map(
      ({ id, sealed }) => JSON.parse(keyring.open(sealed, id)).message.language,
    );
    expect(languages).toEqual(["id", "en_US"]);
  });

  const good = recipients(1)[0] ?? { to: "", parameters: {} };
  it.each<[string, object, string[]]>([
    ["no recipients", { recipients: [] }, ["/recipients"]],
    ["too many recipients", { recipients: Array(1001).fill(good) }, ["/recipients"]],
    ["an invalid number", { recipients: [good, { ...good, to: "+1" }] }, ["/recipients/1/to"]],
    [
      "unknown fields and an invalid locale",
      {
        recipients: [
          { ...good, name: "Ana" },
          { ...recipients(1)[0], locale: "?" },
        ],
      },
      ["/recipients/0/name", "/recipients/1/locale"],
    ],
    [
      "parameters that are missing or unknown",
      { recipients: [good, ...recipients(16), { to: newNumber(), parameters: { order: "1", "a/b": "" } }] },
      ["/recipients/17/parameters/name", "/recipients/17/parameters/a~1b"],
    ],
    [
      "the same number again",
      { recipients: [good, ...recipients(2), good, good] },
      ["/recipients/3/to", "/recipients/4/to"],
    ],
    ["an unknown template", { template: "nobody_knows", recipients: recipients(30) }, ["/template"]],
    [
      "a template without an approved language for one of them",
      { template: "only_id", recipients: [good, { ...recipients(1)[0], locale: "en" }] },
      ["/recipients/1/locale"],
    ],
    ["a template for codes", { template: "verification_code", recipients: recipients(2) }, ["/template"]],
  ])("reports the fault's pointer: %s", async (_, body, pointers) => {
    const { status, body: problem } = await createBatch(recipients(1), body);
    expect(problem.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
    expect(status).toBe(400);
    expect(useRig().callSizes).toEqual([]);
  });

  it("reports the first hundred of many faults and their total number", async () => {
    for (const change of [{ to: "nobody" }, { parameters: {} }]) {
      const { body } = await createBatch(recipients(300).map((one) => ({ ...one, ...change })));
      expect(body.errors).toHaveLength(100);
      expect(body.detail).toMatch(/^Of (300|600) faults, these are the first 100\.$/);
    }
  });

  it("accepts a thousand recipients, and answers a repeated call with the first call's batch", async () => {
    const list = recipients(1000).map((one) => ({ ...one, metadata: { note: "n".repeat(200) } }));
    const first = await createBatch(list, {}, { "idempotency-key": "monday" });
    expect([first.status, first.body.total]).toEqual([202, 1000]);
    const again = await createBatch(list, {}, { "idempotency-key": "monday" });
    expect(again.body).toEqual(first.body);
    const otherBatch = await createBatch(list.slice(999), {}, { "idempotency-key": "monday" });
    expect([otherBatch.status, otherBatch.body.code]).toEqual([422, "idempotency_mismatch"]);
    const tuesday = await createBatch(list.slice(999), {}, { "idempotency-key": "tuesday" });
    expect([tuesday.status, tuesday.body.total]).toEqual([202, 1]);
  });

  it("answers 404 to an unknown id without storing anything", async () => {
    const id = newBatchId();
    for (const unknown of [id, "bat_1", "vrf_00000000000000000000000000"]) {
      expect(await read(unknown)).toMatchObject({ code: "not_found", status: 404 });
      for (const verb of ["pause", "resume", "cancel"] as const) {
        expect(await act(unknown, verb)).toMatchObject({ code: "not_found", status: 404 });
      }
    }
    expect(await deploy(env).batches.take(id, [0])).toEqual([]);
    const tables = await runInDurableObject(objectOf(id), (_, { storage }) => [
      ...storage.sql.exec("SELECT name FROM sqlite_master"),
    ]);
    expect(tables).toEqual([]);
  });
});

describe("enqueuing a batch", () => {
  it("stays slightly ahead of the consumer, within the size of a queue call", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(1000));
    // The tests' sender sends 1,000 a second: three quarters of that for three seconds are more than all.
    expect(rig.callSizes).toEqual(upTo(10).map(() => 100));

    rig.queue.length = 0;
    rig.callSizes.length = 0;
    const { content, ahead } = { content: null, ahead: 100 };
    const order = {
      app: DEFAULT_APP,
      content,
      ahead,
      template: "t",
      recipients: upTo(250).map(() => SEALED),
    };
    const id = newBatchId();
    await objectOf(id).create(order);
    expect(rig.callSizes).toEqual([100]);
    let most = 0;
    rig.onSend = async () => (most = Math.max(most, rig.queue.length));
    await rig.deliverAll();
    expect(rig.callSizes).toEqual([100, 60, 60, 30]);
    expect(most).toBeLessThanOrEqual(100);
    expect((await objectOf(id).read(null))?.status).toBe("done");
    expect(await read(body.id)).toMatchObject({ counts: { waiting: 1000 } });
  });

  it("splits large messages into queue calls of at most 256 KB", async () => {
    const rig = useRig();
    const large = upTo(60).map(() => ({ ...SEALED, sealed: "x".repeat(30_000) }));
    const id = newBatchId();
    await objectOf(id).create({
      app: DEFAULT_APP,
      content: null,
      ahead: 60,
      template: "t",
      recipients: large,
    });
    await vi.waitFor(() => expect(rig.queue).toHaveLength(60));
    expect(rig.callSizes).toEqual([8, 8, 8, 8, 8, 8, 8, 4]);
    expect(rig.queue.map(({ batch }) => batch?.ordinal)).toEqual(upTo(60));
  });

  it("is retried by the alarm with growing delays while the queue is down", async () => {
    const rig = useRig();
    rig.queueIsDown = true;
    const { body } = await createBatch(recipients(3));
    for (const seconds of [10, 20, 40]) {
      expect(await alarmIn(body.id)).toBe(seconds * SECOND);
      pass(seconds * SECOND);
      await runDurableObjectAlarm(objectOf(body.id));
    }
    expect(deployment.logLines.join()).toContain("Batch enqueue failed");
    rig.queueIsDown = false;
    pass(80 * SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({ status: "done", counts: { ...NONE, sent: 3 } });
  });

  it("erases each recipient after the result, and the whole batch a week later", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(60));
    expect(await stored(body.id)).toEqual(["page/0", "page/1", "page/2", "record"]);
    await rig.deliver(20);
    const left = await runInDurableObject(objectOf(body.id), (_, { storage }) =>
      storage.kv.get<unknown[]>("page/0"),
    );
    expect(left).toHaveLength(5);
    await rig.deliver(20);
    expect(await stored(body.id)).toEqual(["page/1", "page/2", "record"]);
    await rig.deliver(20);
    expect(await stored(body.id)).toEqual(["record"]);
    expect(await alarmIn(body.id)).toBeLessThanOrEqual(7 * DAY);

    pass(7 * DAY - SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(await read(body.id)).toMatchObject({ status: "done" });
    pass(2 * SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(await stored(body.id)).toEqual([]);
    expect(await read(body.id)).toMatchObject({ code: "not_found" });
  });
});

describe("pausing and canceling a batch", () => {
  it("stops recipients that no consumer has taken, and each gets one message after resuming", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(80));
    rig.onSend = async () => {
      rig.onSend = async () => {};
      // While the first twenty are being sent.
      expect(await act(body.id, "pause")).toMatchObject({ counts: { ...NONE, waiting: 60, sending: 20 } });
    };
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({
      status: "paused",
      counts: { ...NONE, waiting: 60, sent: 20 },
    });
    pass(3 * DAY);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(rig.queue).toEqual([]);

    expect(await act(body.id, "resume")).toMatchObject({ status: "running" });
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({ status: "done", counts: { ...NONE, sent: 80 } });
    expect(new Set(rig.ordinalsSent).size).toBe(80);
    expect(rig.sent).toHaveLength(80);
  });

  it("counts no recipient twice while the queue still holds earlier messages, which get no slots", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(30));
    await act(body.id, "pause");
    await rig.deliver(10, { sendSlots: { reserve: () => Promise.reject(new Error("No slot is needed")) } });
    await act(body.id, "resume");
    expect(rig.queue).toHaveLength(50);
    let given = 0;
    const reserve = async (jobs: readonly object[]) => {
      given += jobs.length;
      return jobs.map(() => ({ kind: "slot", waitMs: 0 }) as const);
    };
    await rig.deliverAll({ sendSlots: { reserve } });
    expect(await read(body.id)).toMatchObject({ status: "done", counts: { ...NONE, sent: 30 } });
    expect([rig.sent.length, given, rig.retries]).toEqual([30, 30, []]);
  });

  it("stops recipients that are being enqueued", async () => {
    const rig = useRig();
    rig.onEnqueued = async () => {
      rig.onEnqueued = async () => {};
      await objectOf(rig.queue[0]?.batch?.id ?? "").pause(null);
    };
    const { body } = await createBatch(recipients(2));
    await rig.deliverAll();
    expect(rig.sent).toEqual([]);
    await act(body.id, "resume");
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({ status: "done", counts: { ...NONE, sent: 2 } });
  });

  it("ends the batch on cancel, counts messages in progress, and erases the rest", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(80));
    rig.onSend = async () => {
      rig.onSend = async () => {};
      expect(await act(body.id, "cancel")).toMatchObject({ status: "canceled", finished_at: null });
      expect(await stored(body.id)).toEqual(["page/0", "record"]);
    };
    // One message in progress finds its sender paused and is not sent any more.
    rig.outcomeOf = ({ batch }) =>
      batch?.ordinal === 7 ? { kind: "later", delaySeconds: 1 } : { kind: "sent" };
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({
      status: "canceled",
      counts: { ...NONE, sent: 19, canceled: 61 },
      finished_at: new Date(START).toISOString(),
    });
    expect(await stored(body.id)).toEqual(["record"]);
    for (const verb of ["pause", "resume", "cancel"] as const) {
      expect(await act(body.id, verb)).toMatchObject({ status: "canceled", counts: { canceled: 61 } });
    }
  });

  it("leaves a finished batch unchanged", async () => {
    const { body } = await createBatch(recipients(2));
    await useRig().deliverAll();
    for (const verb of ["pause", "resume", "cancel"] as const) {
      expect(await act(body.id, verb)).toMatchObject({ status: "done", counts: { ...NONE, sent: 2 } });
    }
  });

  it("cancels a batch that is paused for a week", async () => {
    const { body } = await createBatch(recipients(30));
    await act(body.id, "pause");
    pass(7 * DAY);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(await read(body.id)).toMatchObject({ status: "canceled", counts: { ...NONE, canceled: 30 } });
    expect(await stored(body.id)).toEqual(["record"]);
  });
});

describe("recovering a batch after losses", () => {
  it("enqueues again what the queue lost and what a crashed consumer had taken", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(50));
    await rig.deliver(10);
    // The next twenty are taken without a result; the others are never delivered.
    await deploy(env).batches.take(body.id, upTo(30).slice(10));
    rig.queue.length = 0;
    await evictDurableObject(objectOf(body.id));
    pass(9 * SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(rig.queue).toEqual([]);
    pass(SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(new Set(rig.queue.map(({ batch }) => batch?.ordinal))).toEqual(new Set(upTo(50).slice(10)));
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({ status: "done", counts: { ...NONE, sent: 50 } });
    expect(new Set(rig.ordinalsSent).size).toBe(50);
  });

  it("checks taken recipients again although the batch was canceled since", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(30));
    rig.queue.length = 0;
    await deploy(env).batches.take(body.id, [4]);
    await act(body.id, "cancel");
    pass(10 * SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(rig.queue.map(({ batch }) => batch?.ordinal)).toEqual([4]);
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({ counts: { ...NONE, sent: 1, canceled: 29 } });
  });

  it("does not treat messages as lost while others are before them in the backlog", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(5));
    const health = env.WHATSAPP_HEALTH.getByName("whatsapp");
    const slow = { senders: [{ phoneNumberId: "1", perSecond: 1 }], patienceMs: 0 };
    await health.reserve(upTo(61).map(() => slow));
    pass(10 * SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(rig.queue).toHaveLength(5);
    pass((await alarmIn(body.id)) - SECOND);
    expect(Date.now()).toBeGreaterThan(START + 59 * SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(rig.queue).toHaveLength(5);
    pass(SECOND);
    await runDurableObjectAlarm(objectOf(body.id));
    expect(rig.queue).toHaveLength(10);
  });

  it("sends no recipient two messages although the queue delivers each three times", async () => {
    const rig = useRig();
    const list = recipients(30);
    await createTemplate();
    const { body } = await createBatch(list);
    rig.queue.push(...rig.queue, ...rig.queue);
    await rig.deliverAll({ notifications: deploy(env).notifications });
    expect(await read(body.id)).toMatchObject({ status: "done", counts: { ...NONE, sent: 30 } });
    const rate = await deployment.simulator.app.request("/_sim/rate?template=shipping_update");
    expect(await rate.json()).toMatchObject({ accepted: 30, recipients: 30, recipients_repeated: 0 });
  });
});

describe("consuming the queue", () => {
  it("counts every recipient's result, and each error by its code", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(20));
    const error = (code: string) => ({ code, title: `Error ${code}`, action: "Wait." });
    rig.outcomeOf = ({ batch }) => {
      const ordinal = batch?.ordinal ?? 0;
      if (ordinal < 3) return { kind: "opted_out" };
      return ordinal < 9
        ? { kind: "failed", error: error(ordinal < 7 ? "131026" : "132001") }
        : { kind: "sent" };
    };
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({
      status: "done",
      counts: { ...NONE, opted_out: 3, failed: 6, sent: 11 },
      errors: [
        { ...error("131026"), count: 4 },
        { ...error("132001"), count: 2 },
      ],
    });
  });

  it("holds each message until its slot, and returns those without a near slot untaken", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(3));
    const waits = [60, 0, null];
    const slots = {
      reserve: async () =>
        waits.map((waitMs) =>
          waitMs === null
            ? ({ kind: "later", delayMs: 7_001 } as const)
            : ({ kind: "slot", waitMs } as const),
        ),
    };
    await rig.deliver(3, { sendSlots: slots });
    expect(rig.ordinalsSent).toEqual([1, 0]);
    expect(rig.retries).toEqual([8]);
    expect(await read(body.id)).toMatchObject({ counts: { ...NONE, waiting: 1, sent: 2 } });
  });

  it("asks the batch at the first slot's time, so that a pause finds few messages in progress", async () => {
    const rig = useRig();
    const { body } = await createBatch(recipients(2));
    const waited: number[] = [];
    const from = performance.now();
    await rig.deliver(2, {
      sendSlots: { reserve: async () => [60, 70].map((waitMs) => ({ kind: "slot", waitMs }) as const) },
      batches: {
        sendable: async (_, ordinals) => ordinals,
        take: async (_, ordinals) => {
          waited.push(performance.now() - from);
          return ordinals.slice(1);
        },
        record: async () => {},
      },
    });
    expect(waited).toHaveLength(1);
    expect(waited[0]).toBeGreaterThanOrEqual(50);
    expect(rig.ordinalsSent).toEqual([1]);
    expect(await read(body.id)).toMatchObject({ counts: { waiting: 2 } });
  });

  it.each<[string, Partial<Parameters<ReturnType<typeof useRig>["deliver"]>[1]>, object]>([
    ["slots", { sendSlots: { reserve: () => Promise.reject(new Error("gone")) } }, { waiting: 2 }],
    [
      "the batch, before they are sent",
      {
        batches: {
          sendable: async (_, ordinals) => ordinals,
          take: () => Promise.reject(new Error("gone")),
          record: async () => {},
        },
      },
      { waiting: 2 },
    ],
    ["the send", { notifications: { sendJob: () => Promise.reject(new Error("gone")) } }, { waiting: 2 }],
    [
      "the batch, after they were sent",
      {
        batches: {
          sendable: async (_, ordinals) => ordinals,
          take: (id, ordinals) => deploy(env).batches.take(id, ordinals),
          record: () => Promise.reject(new Error("gone")),
        },
      },
      { sending: 2 },
    ],
  ])("retries messages when a call fails: %s", async (_, broken, counts) => {
    const rig = useRig();
    const { body } = await createBatch(recipients(2));
    await rig.deliver(2, broken);
    expect(rig.retries).toEqual([5, 5]);
    expect(await read(body.id)).toMatchObject({ status: "running", counts: { ...NONE, ...counts } });
    await rig.deliverAll();
    expect(await read(body.id)).toMatchObject({ status: "done", counts: { ...NONE, sent: 2 } });
  });

  it("sends single notifications and several batches concurrently", async () => {
    const rig = useRig();
    const [running, canceled] = [await createBatch(recipients(2)), await createBatch(recipients(3))];
    await act(canceled.body.id, "cancel");
    rig.queue.push({ ...SEALED, batch: null });
    await rig.deliver();
    expect(rig.sent.map(({ batch }) => batch?.id ?? null).sort()).toEqual([
      running.body.id,
      running.body.id,
      null,
    ]);
  });
});

describe("send slots", () => {
  const ONE = { senders: [{ phoneNumberId: "1", perSecond: 60 }], patienceMs: 5_000 };

  it("are evenly spaced at three quarters of the sender's rate, over all isolates", async () => {
    const jobs = upTo(40).map(() => ({ ...SEALED, batch: null }));
    const both = [
      await deploy(env).sendSlots.reserve(jobs),
      await deploy(env).sendSlots.reserve(jobs),
    ].flat();
    const intervalMs = 1000 / 750;
    for (const [place, slot] of both.entries()) {
      expect(slot.kind === "slot" && slot.waitMs).toBeCloseTo(place * intervalMs, 1);
    }
  });

  it("that are far away send messages back to the queue, spread over that time", () => {
    const limiter = new RateLimiter();
    const request = { perSecond: 10, patienceMs: 5_000, pausedUntil: 0 };
    const slots = upTo(60).map(() => limiter.reserve(request, START));
    expect(slots.filter(({ kind }) => kind === "slot")).toHaveLength(51);
    expect(slots.slice(51)).toEqual(
      upTo(9).map((place) => ({ kind: "later", delayMs: 5_100 + (place + 1) * 100 })),
    );
    expect(limiter.backlogMs(START + 1_000)).toBe(5_000);
    expect(limiter.reserve({ ...request, patienceMs: 15_000 }, START)).toEqual({
      kind: "slot",
      waitMs: 5_100,
    });
  });

  it("are spaced twice as far after a rate limit error, and recover within a minute", async () => {
    const limiters = new RateLimiters();
    const open = { code: "130429", title: "", since: START, until: START };
    const gapAt = (now: number) => {
      const [first, second] = limiters.reserve([ONE, ONE], {}, now);
      return first?.kind === "slot" && second?.kind === "slot" ? second.waitMs - first.waitMs : null;
    };
    expect(gapAt(START)).toBeCloseTo(1000 / 60);
    // Two isolates report the same rate limit.
    for (const at of [1_000, 1_100]) limiters.slowDownOn([{ key: "sender/1", open }], START + at);
    expect(gapAt(START + 1_100)).toBeCloseTo(1000 / 30, 0);
    expect(gapAt(START + 16_000)).toBeCloseTo(1000 / 45, 0);
    limiters.slowDownOn([{ key: "account", open: { ...open, code: "80007" } }], START + 20_000);
    expect(gapAt(START + 20_000)).toBeGreaterThan(1000 / 30);
    expect(gapAt(START + 80_000)).toBeCloseTo(1000 / 60);
    limiters.slowDownOn([{ key: "sender/1", open: { ...open, code: "131048" } }], START + 90_000);
    expect(gapAt(START + 90_000)).toBeCloseTo(1000 / 60);

    const health = env.WHATSAPP_HEALTH.getByName("whatsapp");
    await health.report({ changes: [{ key: "sender/1", open }], recipients: [], hasSubscribers: false });
    const [first, second] = await health.reserve([ONE, ONE]);
    expect([first, second]).toEqual([
      { kind: "slot", waitMs: 0 },
      { kind: "slot", waitMs: expect.closeTo(1000 / 30, 1) },
    ]);
  });

  it("belong to the first sender that is not paused; while all are, they start at the end of the pause", () => {
    const limiters = new RateLimiters();
    const both = { senders: [...ONE.senders, { phoneNumberId: "2", perSecond: 1 }], patienceMs: 5_000 };
    const resting = { code: "131048", title: "", since: START, until: START + 60_000 };
    const reserve = (circuits: Record<string, typeof resting>) =>
      limiters.reserve([both, both], circuits, START);
    expect(reserve({ "sender/1": resting })).toEqual([
      { kind: "slot", waitMs: 0 },
      { kind: "slot", waitMs: 1_000 },
    ]);
    for (const circuits of [{ account: resting }, { "sender/1": resting, "sender/2": resting }]) {
      for (const slot of reserve(circuits)) {
        expect(slot.kind === "later" && Math.round(slot.delayMs / 1000)).toBe(60);
      }
    }
  });
});
