import { describe, expect, it, vi } from "vitest";
import {
  type CallOptions,
  type Fetch,
  Sandi,
  SandiError,
  type SandiOptions,
} from "../../src/client/client.ts";
import { sleep } from "../../src/client/options.ts";

const URL = "https://otp.example.com";
const KEY = "sandi_key";
const ID = "vrf_3n9bzjphnsjg5qgs0jdxagb1w0";
const VERIFICATION = { id: ID, status: "pending" };

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  readonly redirect: string;
}

type Answer = Response | Error | (() => Promise<Response>);

/** A client whose requests are answered in order, the last answer for all that follow; its waits take no time. */
function clientOf(answers: readonly Answer[], options: Partial<SandiOptions> = {}) {
  const sent: Sent[] = [];
  const waits: number[] = [];
  const fetch: Fetch = async (url, init) => {
    const request = new Request(url, init);
    const { method, headers, redirect } = request;
    sent.push({ url, method, headers, body: await request.text(), redirect });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer.clone() : (answer?.() ?? json(200, {}));
  };
  const sleep = async (milliseconds: number) => void waits.push(milliseconds);
  return { sandi: new Sandi({ url: URL, key: KEY, fetch, sleep, ...options }), sent, waits };
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

function problem(status: number, code: string, extras: object = {}, headers: Record<string, string> = {}) {
  const body = { type: `https://x/${code}`, title: "T", status, detail: "Because.", code, request_id: "r-1" };
  return json(
    status,
    { ...body, ...extras },
    { "content-type": "application/problem+json", "x-request-id": "r-1", ...headers },
  );
}

async function errorOf(call: Promise<unknown>): Promise<SandiError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof SandiError) return error;
  throw new Error("The call did not reject with a SandiError", { cause: error });
}

const noAnswer = new TypeError("fetch failed");
const unavailable = (seconds: number) => problem(503, "unavailable", {}, { "retry-after": String(seconds) });

describe("A call of the client", () => {
  it("sends the key, the body and nothing that was not asked for", async () => {
    const { sandi, sent } = clientOf([json(201, VERIFICATION)], { retries: 0 });
    expect(await sandi.verifications.start({ to: "+6281234567890", locale: undefined })).toEqual(
      VERIFICATION,
    );
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ url: `${URL}/v1/verifications`, method: "POST" });
    expect(sent[0]?.body).toBe('{"to":"+6281234567890"}');
    expect([...(sent[0]?.headers ?? [])]).toEqual([
      ["authorization", `Bearer ${KEY}`],
      ["content-type", "application/json"],
    ]);
  });

  it("sends only those parameters of a query that are given", async () => {
    const { sandi, sent } = clientOf([json(200, { data: [], next: null })]);
    await sandi.verifications.list({ to: "+6281234567890", status: undefined, limit: 5 }).page();
    expect(sent[0]?.url).toBe(`${URL}/v1/verifications?to=%2B6281234567890&limit=5`);
    expect(sent[0]?.body).toBe("");
  });

  it("keeps the path of the deployment's address", async () => {
    const { sandi, sent } = clientOf([json(200, VERIFICATION)], { url: `${URL}/sandi/` });
    await sandi.verifications.get(ID);
    expect(sent[0]?.url).toBe(`${URL}/sandi/v1/verifications/${ID}`);
  });

  it("names the app of the client, or that of the call", async () => {
    const { sandi, sent } = clientOf([json(200, VERIFICATION)], { app: "shop" });
    await sandi.verifications.get(ID);
    await sandi.verifications.get(ID, { app: "bank" });
    expect(sent.map(({ headers }) => headers.get("sandi-app"))).toEqual(["shop", "bank"]);
  });

  it("follows no redirect, so that no other address learns the key", async () => {
    const { sandi, sent } = clientOf([json(200, VERIFICATION)]);
    await sandi.verifications.get(ID);
    expect(sent[0]?.redirect).toBe("manual");
  });

  it("escapes an id, and refuses one that would name another path", async () => {
    const { sandi, sent } = clientOf([json(200, VERIFICATION)]);
    await sandi.verifications.get("a/../b?c");
    expect(sent[0]?.url).toBe(`${URL}/v1/verifications/a%2F..%2Fb%3Fc`);
    for (const id of ["", ".", ".."]) expect(() => sandi.keys.revoke(id)).toThrow(TypeError);
    expect(sent).toHaveLength(1);
  });

  it("returns undefined for an answer without a body", async () => {
    const { sandi } = clientOf([new Response(null, { status: 204 })]);
    expect(await sandi.keys.revoke("key_1")).toBeUndefined();
  });

  it.each([
    [{ url: undefined, key: KEY }, "`url`"],
    [{ url: URL, key: undefined }, "`key`"],
    [{ url: URL, key: "" }, "`key`"],
  ])("needs an address and a key: %o", (options, name) => {
    expect(() => new Sandi(options)).toThrow(name);
  });

  it("calls fetch as a function of its own, as Workers demand", async () => {
    const fetch = vi.spyOn(globalThis, "fetch").mockImplementation(async function (this: unknown) {
      if (this !== undefined && this !== globalThis) throw new TypeError("Illegal invocation");
      return json(200, VERIFICATION);
    });
    expect(await new Sandi({ url: URL, key: KEY }).verifications.get(ID)).toEqual(VERIFICATION);
    fetch.mockRestore();
  });
});

describe("An error of the client", () => {
  it("has the problem's code, status, detail, request id, faults and seconds to wait", async () => {
    const errors = [{ pointer: "/to", detail: "It has no country code." }];
    const { sandi } = clientOf([problem(400, "invalid_phone_number", { errors })]);
    const error = await errorOf(sandi.verifications.start({ to: "1" }));
    expect(error).toMatchObject({ name: "SandiError", code: "invalid_phone_number", status: 400, errors });
    expect(error).toMatchObject({
      detail: "Because.",
      requestId: "r-1",
      retryAfter: null,
      verification: null,
    });
    expect(error.message).toBe("invalid_phone_number: Because.");
  });

  it("carries the pending verification and the seconds to wait of a resend that comes too soon", async () => {
    const answer = problem(429, "resend_too_soon", { verification: VERIFICATION }, { "retry-after": "27" });
    const { sandi, sent } = clientOf([answer]);
    const error = await errorOf(sandi.verifications.start({ to: "+6281234567890" }));
    expect(error).toMatchObject({ code: "resend_too_soon", retryAfter: 27, verification: { id: ID } });
    expect(sent).toHaveLength(1);
  });

  it("names what the provider answered", async () => {
    const provider = { channel: "whatsapp", code: "131026", title: "Undeliverable" };
    const { sandi } = clientOf([problem(502, "channel_failed", { provider })]);
    const error = await errorOf(sandi.verifications.start({ to: "+6281234567890" }));
    expect(error).toMatchObject({ code: "channel_failed", provider });
  });

  it.each([
    ["a proxy's page", new Response("<h1>Forbidden</h1>", { status: 403 })],
    ["a page with a success", new Response("<h1>Hi</h1>", { status: 200 })],
    ["a redirect", new Response(null, { status: 302, headers: { location: "https://elsewhere.test" } })],
    ["JSON that is no problem", json(404, { message: "no" })],
  ])("is unexpected_response for %s", async (_, answer) => {
    const { sandi, sent } = clientOf([answer]);
    expect(await errorOf(sandi.verifications.get(ID))).toMatchObject({
      code: "unexpected_response",
      status: answer.status,
    });
    expect(sent).toHaveLength(1);
  });

  it("has the platform's error as its cause when no answer arrives", async () => {
    const { sandi } = clientOf([noAnswer], { retries: 0 });
    const error = await errorOf(sandi.verifications.get(ID));
    expect(error).toMatchObject({ code: "connection_failed", status: null, cause: noAnswer });
  });

  it("never contains the key", async () => {
    const { sandi } = clientOf([problem(401, "unauthorized")]);
    const error = await errorOf(sandi.verifications.get(ID));
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain(KEY);
  });
});

describe("A repeat of the client", () => {
  const start = (sandi: Sandi, options?: CallOptions) =>
    sandi.verifications.start({ to: "+6281234567890" }, options);

  it("has the same Idempotency-Key as the first attempt, and the next call has another", async () => {
    const { sandi, sent } = clientOf([noAnswer, json(201, VERIFICATION)]);
    expect(await start(sandi)).toEqual(VERIFICATION);
    await start(sandi);
    const keys = sent.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toHaveLength(3);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("has the caller's Idempotency-Key", async () => {
    const { sandi, sent } = clientOf([noAnswer, json(201, VERIFICATION)]);
    await sandi.verifications.start({ to: "+6281234567890" }, { idempotencyKey: "order-77" });
    expect(sent.map(({ headers }) => headers.get("idempotency-key"))).toEqual(["order-77", "order-77"]);
  });

  it.each([
    ["no answer", noAnswer],
    ["503 with a short Retry-After", unavailable(1)],
    ["the first attempt still running", problem(409, "idempotency_in_progress")],
    ["a proxy's 502", new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ])("follows %s, and the last error is thrown after two repeats", async (_, answer) => {
    const { sandi, sent, waits } = clientOf([answer]);
    await errorOf(start(sandi));
    expect([sent.length, waits.length]).toEqual([3, 2]);
  });

  it.each([
    [429, "rate_limited"],
    [500, "internal"],
    [502, "channel_failed"],
    [422, "idempotency_mismatch"],
    [401, "unauthorized"],
  ])("does not follow %i %s", async (status, code) => {
    const { sandi, sent } = clientOf([problem(status, code, {}, { "retry-after": "1" })]);
    expect(await errorOf(start(sandi))).toMatchObject({ code, retryAfter: 1 });
    expect(sent).toHaveLength(1);
  });

  it("does not follow a 503 whose Retry-After is longer than ten seconds", async () => {
    const { sandi, sent } = clientOf([unavailable(11)]);
    expect(await errorOf(start(sandi))).toMatchObject({ code: "unavailable", retryAfter: 11 });
    expect(sent).toHaveLength(1);
  });

  it("waits as long as Retry-After says, or a time that doubles, neither to the millisecond", async () => {
    const first = clientOf([unavailable(3)]);
    await errorOf(start(first.sandi));
    for (const wait of first.waits) {
      expect(wait).toBeGreaterThanOrEqual(3000);
      expect(wait).toBeLessThan(3500);
    }
    const { sandi, waits } = clientOf([noAnswer], { retries: 7 });
    await errorOf(start(sandi));
    const longest = [500, 1000, 2000, 4000, 8000, 10_000, 10_000];
    waits.forEach((wait, index) => {
      expect(wait).toBeGreaterThanOrEqual((longest[index] ?? 0) / 2);
      expect(wait).toBeLessThanOrEqual(longest[index] ?? 0);
    });
    expect(waits).toHaveLength(longest.length);
  });

  it.each([
    ["GET", (sandi: Sandi) => sandi.verifications.get(ID), 3],
    [
      "PUT",
      (sandi: Sandi) => sandi.templates.put("login_code", { category: "authentication", languages: [] }),
      3,
    ],
    ["DELETE", (sandi: Sandi) => sandi.verifications.cancel(ID), 3],
    ["a POST with an Idempotency-Key", (sandi: Sandi) => sandi.verifications.check(ID, { code: "1" }), 3],
    [
      "a POST without one",
      (sandi: Sandi) => sandi.keys.create({ name: "Shop", scopes: ["verifications"] }),
      1,
    ],
    ["PATCH", (sandi: Sandi) => sandi.webhookEndpoints.update("whe_1", { description: "" }), 1],
  ])("is made only where it is harmless: %s", async (_, call, attempts) => {
    const { sandi, sent } = clientOf([noAnswer]);
    expect(await errorOf(call(sandi))).toMatchObject({ code: "connection_failed" });
    expect(sent).toHaveLength(attempts);
  });

  it("is not made with retries 0, and then no Idempotency-Key is drawn", async () => {
    const { sandi, sent } = clientOf([noAnswer]);
    await errorOf(start(sandi, { retries: 0 }));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers.get("idempotency-key")).toBeNull();
  });
});

describe("The time of a call", () => {
  /** Answers never, as fetch does until its signal is aborted. */
  const hanging: Fetch = (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });

  it("ends each attempt, and the call with timed_out", async () => {
    const sandi = new Sandi({ url: URL, key: KEY, fetch: hanging, sleep: async () => {} });
    const error = await errorOf(sandi.verifications.get(ID, { timeoutMs: 5, retries: 1 }));
    expect(error).toMatchObject({ code: "timed_out", status: null });
  });

  it("is the caller's to end: the call rejects with the signal's reason", async () => {
    const sandi = new Sandi({ url: URL, key: KEY, fetch: hanging });
    const controller = new AbortController();
    const call = sandi.verifications.get(ID, { signal: controller.signal, retries: 0 });
    const reason = new Error("The user left");
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it("is the caller's to end during the wait before a repeat", async () => {
    const controller = new AbortController();
    let attempts = 0;
    const fetch: Fetch = async () => {
      attempts += 1;
      setTimeout(() => controller.abort(), 0);
      // The wait would be longer than the time of this test.
      return unavailable(10);
    };
    const sandi = new Sandi({ url: URL, key: KEY, fetch });
    const call = sandi.verifications.get(ID, { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    expect(attempts).toBe(1);
  });

  it("has no wait once the signal is aborted", async () => {
    const reason = new Error("The user left");
    await expect(sleep(10_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("has not begun when the signal was aborted before", async () => {
    const { sandi, sent } = clientOf([json(200, VERIFICATION)]);
    const call = sandi.verifications.get(ID, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    expect(sent).toEqual([]);
  });
});

describe("A list of the client", () => {
  const page = (ids: readonly string[], next: string | null) =>
    json(200, { data: ids.map((id) => ({ id })), next });

  it("is iterated over all its pages, an empty one included", async () => {
    const { sandi, sent } = clientOf([page(["a", "b"], "1"), page([], "2"), page(["c"], null)]);
    const ids: string[] = [];
    for await (const { id } of sandi.verifications.list({ limit: 2 })) ids.push(id);
    expect(ids).toEqual(["a", "b", "c"]);
    expect(sent.map(({ url }) => url.replace(`${URL}/v1/verifications`, ""))).toEqual([
      "?limit=2",
      "?limit=2&after=1",
      "?limit=2&after=2",
    ]);
  });

  it("reads no page that is not needed", async () => {
    const { sandi, sent } = clientOf([page(["a", "b"], "1")]);
    for await (const { id } of sandi.verifications.list()) if (id === "a") break;
    expect(sent).toHaveLength(1);
  });

  it("begins at the cursor that the query names, page by page or iterated", async () => {
    const { sandi, sent } = clientOf([page(["c"], null)]);
    expect(await sandi.verifications.list({ after: "1" }).page()).toEqual({
      data: [{ id: "c" }],
      next: null,
    });
    for await (const entry of sandi.verifications.list({ after: "1" })) expect(entry.id).toBe("c");
    expect(sent.map(({ url }) => url)).toEqual(Array(2).fill(`${URL}/v1/verifications?after=1`));
  });
});
