import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Keyring } from "../../../src/platform/keyring.ts";
import { consumeDeliveries } from "../../../src/webhook-endpoints/consumer.ts";
import type { DeliveryJob } from "../../../src/webhook-endpoints/delivery.ts";
import { Lanes } from "../../../src/webhook-endpoints/lanes.ts";
import { deliverEvents } from "../../../src/webhook-endpoints/queue.ts";
import { webhooks } from "../../../src/webhook-endpoints/webhooks.ts";
import { api, useDeployment } from "../../deployment.ts";
import { verificationEvent } from "../../webhook-endpoints/events.ts";

const deployment = useDeployment();
const URL_OF_SHOP = "https://shop.example.com/hooks";
const HOUR = 3_600_000;

/** Ids of the deliveries that were put on the queue; nothing takes them off by itself here. */
const queued: string[] = [];
/** What the receiver got, and how it answers. */
const received: { readonly headers: Record<string, string>; readonly body: string }[] = [];
let answer: () => Response;

const keyring = new Keyring(env.SECRET_KEY);
const queues = { first: env.DELIVERIES, slow: env.DELIVERIES_SLOW };
const lanes = new Lanes(env.ENDPOINT_LANES);
const stores = { db: env.JOURNAL, namespace: env.API_KEYS, queues, lanes };
const sending = webhooks(Object.assign(stores, { keyring, allowLoopback: true }));

beforeEach(() => {
  queued.length = 0;
  received.length = 0;
  answer = () => new Response("thank you");
  for (const queue of [env.DELIVERIES, env.DELIVERIES_SLOW]) {
    vi.spyOn(queue, "sendBatch").mockImplementation(async (batch) => {
      queued.push(...[...(batch as Iterable<MessageSendRequest<DeliveryJob>>)].map(({ body }) => body.id));
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    });
  }
  vi.mocked(fetch).mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    received.push({ headers: Object.fromEntries(request.headers), body: await request.text() });
    return answer();
  });
});

const create = (body: object = {}) => api("POST", "/v1/webhook-endpoints", { url: URL_OF_SHOP, ...body });
const path = (id: string, rest = "") => `/v1/webhook-endpoints/${id}${rest}`;

/** Makes something happen, and sends it once to whoever wants it. */
async function deliver(count = 1): Promise<void> {
  queued.length = 0;
  await deliverEvents(
    Array.from({ length: count }, () => verificationEvent(keyring, "+6281234567890")),
    sending,
  );
  await consume("first");
}

/** Attempts what is queued, as one batch. */
async function consume(queue: keyof typeof queues): Promise<void> {
  const messages = queued.splice(0).map((id) => ({ body: { id }, attempts: 1, ack() {}, retry() {} }));
  await consumeDeliveries({ messages } as unknown as MessageBatch<DeliveryJob>, queue, sending);
  queued.length = 0;
}

describe("registering a webhook endpoint", () => {
  it("answers 201 with the endpoint and its secret, which no later answer shows", async () => {
    const { status, body } = await create({ description: "Shop", event_types: ["verification.approved"] });
    expect(status).toBe(201);
    expect(body).toEqual({
      app: "default",
      id: expect.stringMatching(/^whe_[0-9a-hjkmnp-tv-z]{26}$/),
      url: URL_OF_SHOP,
      description: "Shop",
      event_types: ["verification.approved"],
      batch: null,
      status: "enabled",
      disabled_reason: null,
      failing_since: null,
      slow: false,
      previous_secret_expires_at: null,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const { secret, ...shown } = body;
    expect((await api("GET", path(body.id))).body).toEqual(shown);
    expect((await api("GET", "/v1/webhook-endpoints")).body).toEqual({ data: [shown], next: null });
    expect(deployment.logLines.join()).not.toContain(secret);
  });

  it("takes batches as the body says, until a change ends them", async () => {
    const created = await create({ batch: { max_events: 250 } });
    expect(created.body.batch).toEqual({ max_events: 250, max_wait_ms: 1_000 });
    const { id } = created.body;
    const changed = await api("PATCH", path(id), { batch: { max_events: 2, max_wait_ms: 100 } });
    expect(changed.body.batch).toEqual({ max_events: 2, max_wait_ms: 100 });
    expect((await api("PATCH", path(id), { description: "Shop" })).body.batch).toEqual(changed.body.batch);
    await deliver(2);
    const listed = await api("GET", path(id, "/deliveries"));
    expect(listed.body.data).toMatchObject([{ status: "pending" }, { status: "pending" }]);
    const [{ id: delivery }] = listed.body.data;
    const paged = await api("GET", path(id, "/deliveries?limit=1"));
    expect(paged.body).toEqual({ data: [listed.body.data[0]], next: expect.any(String) });
    const rest = await api("GET", path(id, `/deliveries?after=${paged.body.next}`));
    expect(rest.body).toEqual({ data: [listed.body.data[1]], next: null });
    expect((await api("POST", path(id, `/deliveries/${delivery}/replay`))).status).toBe(202);
    expect((await api("POST", path(id, "/deliveries/whd_000001700000000_0000/replay"))).status).toBe(404);
    expect((await api("PATCH", path(id), { batch: null })).body.batch).toBeNull();
    expect((await api("GET", path(id, "/deliveries"))).body.data).toHaveLength(2);
    expect((await api("DELETE", path(id))).status).toBe(204);
    expect(await lanes.list(id, { onlyFailed: false, limit: 1, after: null })).toEqual([]);
  });

  it("subscribes to every event unless the body names some", async () => {
    expect((await create()).body).toMatchObject({ description: "", event_types: null });
  });

  it.each([
    ["a private address", { url: "https://10.0.0.1/" }, "/url", "The host must be on the public internet."],
    ["plain http", { url: "http://shop.example.com/" }, "/url", "The URL must begin with https://."],
    ["a number", { url: 1 }, "/url", expect.any(String)],
    ["an unknown type", { event_types: ["verification.guessed"] }, "/event_types/0", expect.any(String)],
    ["no type at all", { event_types: [] }, "/event_types", expect.any(String)],
    ["a batch without room", { batch: { max_events: 0 } }, "/batch/max_events", expect.any(String)],
    ["a batch of too many", { batch: { max_events: 1_001 } }, "/batch/max_events", expect.any(String)],
    ["a long wait", { batch: { max_wait_ms: 60_001 } }, "/batch/max_wait_ms", expect.any(String)],
    ["a batch of a number", { batch: 100 }, "/batch", expect.any(String)],
    ["a long description", { description: "x".repeat(201) }, "/description", expect.any(String)],
    ["a secret of one's own", { secret: "whsec_AAAA" }, "/secret", "This field is unknown."],
  ])("refuses %s with 400", async (_, body, pointer, detail) => {
    const created = await create(body);
    expect([created.status, created.body.code]).toEqual([400, "invalid_request"]);
    expect(created.body.errors).toEqual([{ pointer, detail }]);
    expect((await api("GET", "/v1/webhook-endpoints")).body.data).toEqual([]);
  });

  it("rejects the twenty-first endpoint, also when all are registered concurrently", async () => {
    const answers = await Promise.all(Array.from({ length: 22 }, () => create()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    const refused = answers.filter(({ status }) => status === 400);
    expect(refused).toHaveLength(2);
    expect(refused[0]?.body.detail).toContain("20 endpoints");
  });
});

describe("changing a webhook endpoint", () => {
  it("changes only what the body names", async () => {
    const { id, secret: _, ...before } = (await create({ description: "Shop" })).body;
    const changed = await api("PATCH", path(id), { event_types: ["verification.failed"] });
    expect(changed).toMatchObject({ status: 200, body: { ...before, event_types: ["verification.failed"] } });
    const moved = await api("PATCH", path(id), { url: "https://new.example.com/", event_types: null });
    expect(moved.body).toEqual({ id, ...before, url: "https://new.example.com/" });
    expect((await api("PATCH", path(id), {})).body).toEqual(moved.body);
  });

  it("disables and enables an endpoint", async () => {
    const { id } = (await create()).body;
    const disabled = await api("PATCH", path(id), { status: "disabled" });
    expect(disabled.body).toMatchObject({ status: "disabled", disabled_reason: "by_request" });
    await deliver();
    expect(received).toEqual([]);
    const enabled = await api("PATCH", path(id), { status: "enabled" });
    expect(enabled.body).toMatchObject({ status: "enabled", disabled_reason: null });
    await deliver();
    expect(received).toHaveLength(1);
  });

  it("rejects an address that may not be called, and changes nothing", async () => {
    const { id } = (await create()).body;
    expect((await api("PATCH", path(id), { description: "x", url: "https://[fd00::1]/" })).status).toBe(400);
    expect((await api("GET", path(id))).body).toMatchObject({ url: URL_OF_SHOP, description: "" });
  });

  it("deletes an endpoint", async () => {
    const { id } = (await create()).body;
    expect((await api("DELETE", path(id))).status).toBe(204);
    expect((await api("DELETE", path(id))).status).toBe(404);
    await deliver();
    expect(received).toEqual([]);
  });

  it("keeps an endpoint whose batches could not be deleted, so that the call can be repeated", async () => {
    const { id } = (await create({ batch: {} })).body;
    const down = vi.spyOn(Lanes.prototype, "clear").mockRejectedValueOnce(new Error("The object is down"));
    expect((await api("DELETE", path(id))).status).toBeGreaterThanOrEqual(500);
    expect((await api("DELETE", path(id))).status).toBe(204);
    expect(down.mock.calls).toEqual([[id], [id]]);
  });
});

it.each([
  ["GET", ""],
  ["PATCH", ""],
  ["DELETE", ""],
  ["POST", "/rotate"],
  ["POST", "/test"],
  ["GET", "/deliveries"],
  ["POST", "/deliveries/whd_0/replay"],
  ["POST", "/replay"],
])("%s …%s of an endpoint that is not there answers 404", async (method, rest) => {
  const given = new Map<string, object>([
    ["PATCH", {}],
    ["POST/replay", { since: "2026-11-23" }],
  ]);
  for (const id of ["whe_00000000000000000000000000", "x", "%27%20OR%201=1--"]) {
    const { status, body } = await api(method, path(id, rest), given.get(method + rest));
    expect([status, body.code]).toEqual([404, "not_found"]);
  }
});

describe("rotating the secret of a webhook endpoint", () => {
  it("answers with the new secret once, and signs with both secrets for 24 hours", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const { id, secret: old } = (await create()).body;
    const { status, body } = await api("POST", path(id, "/rotate"));
    expect(status).toBe(200);
    expect(body.secret).toMatch(/^whsec_/);
    expect(body.previous_secret_expires_at).toBe(new Date(Date.now() + 24 * HOUR).toISOString());
    expect((await api("GET", path(id))).text).not.toContain("whsec_");

    const verifies = async (secret: string) => {
      await api("POST", path(id, "/test"));
      const last = received.at(-1);
      try {
        return new Webhook(secret).verify(last?.body ?? "", last?.headers ?? {}) !== undefined;
      } catch {
        return false;
      }
    };
    expect([await verifies(old), await verifies(body.secret)]).toEqual([true, true]);
    vi.setSystemTime(Date.now() + 24 * HOUR);
    expect([await verifies(old), await verifies(body.secret)]).toEqual([false, true]);
  });
});

describe("testing a webhook endpoint", () => {
  it("sends a signed event at once and answers what came back", async () => {
    const { id, secret } = (await create()).body;
    const { status, body } = await api("POST", path(id, "/test"));
    expect(status).toBe(200);
    expect(body).toEqual({
      event_id: expect.stringMatching(/^evt_test_/),
      delivered: true,
      status: 200,
      error: null,
      answer: "thank you",
      duration_ms: expect.any(Number),
    });
    expect(new Webhook(secret).verify(received[0]?.body ?? "", received[0]?.headers ?? {})).toEqual({
      type: "endpoint.test",
      timestamp: expect.any(String),
      data: { endpoint_id: id },
    });
    expect(received[0]?.headers["webhook-id"]).toBe(body.event_id);
  });

  it.each([
    ["an error", () => new Response("x".repeat(5000), { status: 500 }), 500, "The endpoint answered 500."],
    [
      "a redirect",
      () => Response.redirect("https://example.com/"),
      302,
      expect.stringContaining("redirects"),
    ],
    ["a farewell", () => new Response("x", { status: 410 }), 410, "The endpoint answered 410."],
  ])("answers %s as it came, and judges nobody by it", async (_, given, status, error) => {
    const { id } = (await create()).body;
    answer = given;
    const { body } = await api("POST", path(id, "/test"));
    expect(body).toMatchObject({ delivered: false, status, error });
    expect(body.answer.length).toBeLessThanOrEqual(1024);
    expect((await api("GET", path(id))).body).toMatchObject({ status: "enabled", failing_since: null });
    expect((await api("GET", path(id, "/deliveries"))).body.data).toEqual([]);
  });

  it("answers with the received part of a response that breaks off", async () => {
    const { id } = (await create()).body;
    const chunks = [new TextEncoder().encode("thank y")];
    const pull = (controller: ReadableStreamDefaultController) => {
      const chunk = chunks.shift();
      return chunk === undefined ? controller.error(new Error("cut")) : controller.enqueue(chunk);
    };
    answer = () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    const { body } = await api("POST", path(id, "/test"));
    expect(body).toMatchObject({ delivered: true, status: 200, answer: "thank y" });
  });

  it("answers when the endpoint does not respond", async () => {
    const { id } = (await create()).body;
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError("Network connection lost: 10.1.2.3"));
    const { status, body } = await api("POST", path(id, "/test"));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      delivered: false,
      status: null,
      error: "The connection failed.",
      answer: "",
    });
  });
});

describe("the deliveries of a webhook endpoint", () => {
  it("are listed newest first with their results, and page without a gap or a repeat", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const { id } = (await create()).body;
    await create({ url: "https://crm.example.com/" });
    await deliver(3);
    vi.setSystemTime(Date.now() + 1000);
    answer = () => new Response(null, { status: 500 });
    await deliver(4);

    const all = (await api("GET", path(id, "/deliveries"))).body;
    expect(all.next).toBeNull();
    expect(all.data.slice(0, 4)).toMatchObject(Array(4).fill({ status: "pending", last_status: 500 }));
    expect(all.data.slice(4)).toEqual(
      Array(3).fill({
        id: expect.stringMatching(/^whd_/),
        event_id: expect.stringMatching(/^evt_/),
        type: "verification.approved",
        status: "delivered",
        attempts: 1,
        next_attempt_at: null,
        last_status: 200,
        last_error: null,
        duration_ms: 0,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      }),
    );
    const paged: unknown[] = [];
    for (let after = ""; ; ) {
      const { body } = await api("GET", path(id, `/deliveries?limit=2${after}`));
      expect(body.data.length).toBeLessThanOrEqual(2);
      paged.push(...body.data);
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(paged).toEqual(all.data);
  });

  it("can be filtered to those that failed", async () => {
    const { id } = (await create()).body;
    await deliver(2);
    answer = () => new Response(null, { status: 410 });
    await deliver();
    const { body } = await api("GET", path(id, "/deliveries?status=failed"));
    expect(body.data).toMatchObject([{ status: "failed", last_status: 410 }]);
  });

  it.each(["after=x", "after=%00", "after=MTIz", "limit=0", "limit=101", "status=delivered"])(
    "refuse %s with 400",
    async (query) => {
      const { id } = (await create()).body;
      expect((await api("GET", path(id, `/deliveries?${query}`))).status).toBe(400);
    },
  );
});

describe("a webhook endpoint that is slow", () => {
  it("is shown as slow once three attempts have taken long", async () => {
    const { id } = (await create()).body;
    for (const slow of [false, false, true]) {
      await sending.health.recordSlow(id);
      expect((await api("GET", path(id))).body.slow).toBe(slow);
    }
  });
});

describe("replaying a delivery", () => {
  it("answers 202 and sends the event again under its own id", async () => {
    const { id } = (await create()).body;
    await deliver();
    const [delivery] = (await api("GET", path(id, "/deliveries"))).body.data;
    const { status, body } = await api("POST", path(id, `/deliveries/${delivery.id}/replay`));
    expect(status).toBe(202);
    expect(body).toMatchObject({
      id: delivery.id,
      event_id: delivery.event_id,
      status: "pending",
      attempts: 0,
    });
    expect(queued).toEqual([delivery.id]);
    await consume("slow");
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual(Array(2).fill(delivery.event_id));
  });

  it("is refused while the endpoint is disabled, and for another endpoint's delivery", async () => {
    const { id } = (await create()).body;
    await deliver();
    const [delivery] = (await api("GET", path(id, "/deliveries"))).body.data;
    const other = (await create()).body.id;
    expect((await api("POST", path(other, `/deliveries/${delivery.id}/replay`))).status).toBe(404);
    expect((await api("POST", path(id, "/deliveries/whd_0/replay"))).status).toBe(404);
    await api("PATCH", path(id), { status: "disabled" });
    const refused = await api("POST", path(id, `/deliveries/${delivery.id}/replay`));
    expect([refused.status, refused.body.detail]).toEqual([
      400,
      "The endpoint is disabled. Enable it first.",
    ]);
    expect(queued).toEqual([]);
  });
});

describe("replaying what has failed", () => {
  const failedAt =
    "UPDATE webhook_deliveries SET status = 'failed', attempts = 10, created_at = ?1 WHERE id = ?2";

  /** Deliveries of an endpoint that have failed, each a minute after the one before. */
  async function failing(id: string, count: number, from: number): Promise<string[]> {
    await deliver(count);
    const { data } = (await api("GET", path(id, "/deliveries"))).body;
    const ids = data.map((delivery: { readonly id: string }) => delivery.id);
    await env.JOURNAL.batch(
      ids.map((each: string, place: number) =>
        env.JOURNAL.prepare(failedAt).bind(from + place * 60_000, each),
      ),
    );
    return ids;
  }

  it("answers 202 with the count, sends what was created since, and a repeated call sends nothing", async () => {
    const { id } = (await create()).body;
    const from = Date.UTC(2026, 10, 23, 8);
    const [, ...since] = await failing(id, 4, from);
    received.length = 0;
    const body = { since: new Date(from + 60_000).toISOString() };
    const replayed = await api("POST", path(id, "/replay"), body);
    expect([replayed.status, replayed.body]).toEqual([202, { replayed: 3, next: null }]);
    expect(queued).toEqual(since);
    expect((await api("POST", path(id, "/replay"), body)).body).toEqual({ replayed: 0, next: null });
    await consume("slow");
    expect(received).toHaveLength(3);
    expect((await api("GET", path(id, "/deliveries?status=failed"))).body.data).toHaveLength(1);
    const audit = await api("GET", "/v1/audit?action=replayFailedWebhookDeliveries");
    expect(audit.body.data).toMatchObject([{ target: id, outcome: "replayed" }, { target: id }]);
  });

  it("replays a thousand a call, oldest first, and the answer says where the next call begins", async () => {
    const { id } = (await create()).body;
    const from = Date.UTC(2026, 10, 23, 8);
    await env.JOURNAL.prepare(
      `WITH RECURSIVE made (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < 1500)
       INSERT INTO webhook_deliveries (id, endpoint_id, event_id, type, payload, status, attempts, created_at, updated_at)
       SELECT 'whd_' || n, ?1, 'evt', 'verification.message', x'00', 'failed', 10, ?2 + n, 0 FROM made`,
    )
      .bind(id, from)
      .run();
    const first = await api("POST", path(id, "/replay"), { since: "2026-11-23" });
    expect(first.body).toEqual({ replayed: 1000, next: new Date(from + 1000).toISOString() });
    const second = await api("POST", path(id, "/replay"), { since: first.body.next });
    expect(second.body).toEqual({ replayed: 500, next: null });
    expect(new Set(queued).size).toBe(1500);
  });

  it("is refused while the endpoint is disabled, and without a time", async () => {
    const { id } = (await create()).body;
    const faulty = await api("POST", path(id, "/replay"), { since: "yesterday" });
    expect([faulty.status, faulty.body.errors[0].pointer]).toEqual([400, "/since"]);
    expect((await api("POST", path(id, "/replay"))).status).toBe(400);
    await api("PATCH", path(id), { status: "disabled" });
    const refused = await api("POST", path(id, "/replay"), { since: "2026-11-23" });
    expect([refused.status, refused.body.detail]).toEqual([
      400,
      "The endpoint is disabled. Enable it first.",
    ]);
    expect(queued).toEqual([]);
  });
});
