import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { baseApp } from "../../src/http/base-app.ts";
import { defineEndpoint, pair } from "../../src/http/endpoint.ts";
import { type Mount, mount } from "../../src/http/mount.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { Caller } from "../../src/keys/caller.ts";
import { documented } from "../../src/platform/documented.ts";

const definitions = {
  echo: defineEndpoint({
    operationId: "echo",
    method: "post",
    path: "/other/{id}/echo",
    scope: "verifications",
    docs: documented(() => ({
      summary: "Echo",
      description: "Echoes.",
      responses: { 200: { description: "Echoed." } },
      problems: [],
    })),
    params: { id: (text: string) => (/^\d+$/.test(text) ? Number(text) : null) },
    body: z.strictObject({ text: z.string() }),
    largestBodyBytes: 100,
  }),
};

const endpoints = pair(definitions, {
  async echo({ params: { id }, body: { text } }) {
    if (text === "crash") throw new TypeError("secret");
    return { status: 200, body: { id, text }, outcome: "echoed" };
  },
});

async function authenticate({ headers }: Request): Promise<Caller | null> {
  const key = headers.get("x-key");
  if (key === "outage") throw new Error("secret");
  if (key === null) return null;
  const scopes: Caller["scopes"] = key === "full" ? ["verifications"] : [];
  return { id: "other", name: "Other", scopes, app: DEFAULT_APP, reach: DEFAULT_APP };
}

const app = baseApp();
app.route(
  "/",
  mount({
    dialect: {
      prefix: "/other",
      renderError: ({ code }) => Response.json({ dialect: "other", code }, { status: 499 }),
    },
    endpoints,
    authenticate,
  }),
);

function post(path: string, key: string | null, body: string, method = "POST"): Promise<Response> {
  const headers: Record<string, string> = key === null ? {} : { "x-key": key };
  return Promise.resolve(app.request(`https://sandi.test${path}`, { method, headers, body }));
}

describe("A mount", () => {
  it("gives a handler the parameters and the body as the definition parses them", async () => {
    const response = await post("/other/7/echo", "full", '{"text":"a"}');
    expect([response.status, await response.json()]).toEqual([200, { id: 7, text: "a" }]);
  });

  it.each([
    ["no credentials", "/other/7/echo", null, "{", "POST", "unauthorized"],
    ["an unknown path without credentials", "/other/nothing", null, "{", "POST", "unauthorized"],
    ["a missing scope", "/other/7/echo", "none", "{", "POST", "forbidden"],
    ["a body that is too large", "/other/7/echo", "full", "x".repeat(101), "POST", "payload_too_large"],
    ["a body that is not JSON", "/other/7/echo", "full", "{", "POST", "invalid_request"],
    ["an invalid body", "/other/7/echo", "full", "{}", "POST", "invalid_request"],
    ["a parameter that does not parse", "/other/x/echo", "full", '{"text":"a"}', "POST", "not_found"],
    ["an unknown path", "/other/nothing", "full", "{}", "POST", "not_found"],
    ["its prefix alone", "/other", "full", "{}", "POST", "not_found"],
    ["an unknown method", "/other/7/echo", "full", "{}", "PUT", "not_found"],
    ["an unexpected error", "/other/7/echo", "full", '{"text":"crash"}', "POST", "internal"],
    ["an outage of authentication", "/other/nothing", "outage", "{}", "POST", "internal"],
  ])("answers %s in its own dialect", async (_, path, key, body, method, code) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await post(path, key, body, method);
    expect([response.status, await response.json()]).toEqual([499, { dialect: "other", code }]);
    expect(response.headers.get("x-request-id")).toBeTruthy();
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("leaves paths outside of its prefix to the app around it", async () => {
    const response = await post("/others", "full", "{}");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });
});

const spoken = {
  change: defineEndpoint({
    operationId: "change",
    method: "put",
    path: "/spoken/{id}",
    scope: "verifications",
    docs: documented(() => ({
      summary: "Change",
      description: "Changes.",
      responses: { 202: { description: "Changed." } },
      problems: [],
    })),
    params: { id: (text: string) => text },
    body: z.strictObject({ words: z.array(z.string()) }),
  }),
  receive: defineEndpoint({
    operationId: "receive",
    method: "post",
    path: "/spoken/signed",
    scope: "verifications",
    docs: documented(() => ({
      summary: "Receive",
      description: "Receives.",
      responses: { 409: { description: "Received before." } },
      problems: [],
    })),
    body: z.strictObject({ words: z.array(z.string()) }),
    signed: true,
    largestBodyBytes: 100,
  }),
};

const spokenMount: Mount = {
  dialect: {
    prefix: "/spoken",
    renderError: ({ code, extras: { detail } }, requestId, { url }) =>
      Response.json({ code, detail, requestId, at: new URL(url).pathname }, { status: 499 }),
    readBody: (raw, { headers }) => ({
      words: new TextDecoder().decode(raw).split(headers.get("x-by") ?? " "),
    }),
    headersFor: ({ headers }, requestId) => ({ "x-correlator": headers.get("x-correlator") ?? requestId }),
    explainUnknown: ({ method }) => `No ${method}; use another.`,
  },
  endpoints: pair(spoken, {
    change: async ({ params, body: { words }, request }) => ({
      status: 202,
      body: { id: params.id, words, origin: new URL(request.url).origin },
      headers: { "sandi-ignored": "Size" },
      outcome: "changed",
    }),
    receive: async ({ body: { words } }) => ({ status: 409, body: { words }, outcome: "repeated" }),
  }),
  authenticate,
  authenticateBody: (raw, request) =>
    new TextDecoder().decode(raw).endsWith("signed") ? authenticate(request) : Promise.resolve(null),
};

describe("A mount of another dialect", () => {
  const spokenApp = baseApp(spokenMount.dialect.renderError);
  spokenApp.route("/", mount(spokenMount));
  const call = async (path: string, init: RequestInit) =>
    spokenApp.request(`https://sandi.test${path}`, init);
  const headers = { "x-key": "full", "x-request-id": "r1" };

  it("reads bodies in its own way and answers with headers of the endpoint and of the dialect", async () => {
    const response = await call("/spoken/+6%2B2", {
      method: "PUT",
      headers: { ...headers, "x-by": ",", "x-correlator": "c1" },
      body: "a,b",
    });
    expect([response.status, await response.json()]).toEqual([
      202,
      { id: "+6+2", words: ["a", "b"], origin: "https://sandi.test" },
    ]);
    expect(response.headers.get("sandi-ignored")).toBe("Size");
    expect(response.headers.get("x-correlator")).toBe("c1");
  });

  it("gives its renderer the request, and the request id for headers that the request lacks", async () => {
    const unknown = await call("/spoken/a/b", { method: "PUT", headers, body: "a" });
    const detail = "No PUT; use another.";
    expect(await unknown.json()).toEqual({ code: "not_found", detail, requestId: "r1", at: "/spoken/a/b" });
    const known = await call("/spoken/a", { method: "PUT", headers, body: "" });
    expect([known.status, known.headers.get("x-correlator")]).toEqual([202, "r1"]);
  });

  it.each([
    ["a signed body", "full", "a signed", 409, undefined],
    ["an unsigned body", "full", "a", 499, "unauthorized"],
    ["a signed body without the scope", "none", "a signed", 499, "forbidden"],
    ["a large body before its signature", "full", "x".repeat(101), 499, "payload_too_large"],
  ])("answers %s", async (_, key, body, status, code) => {
    const response = await call("/spoken/signed", { method: "POST", headers: { "x-key": key }, body });
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining(code === undefined ? { words: ["a", "signed"] } : { code }),
    ]);
  });
});

it("A share of requests without faults has log lines, and every fault has one", async () => {
  const lines = vi.spyOn(console, "info").mockImplementation(() => {});
  const faults = vi.spyOn(console, "error").mockImplementation(() => {});
  const random = vi.spyOn(Math, "random");
  const thinned = baseApp(undefined, 0.1);
  thinned.get("/fault", () => {
    throw new TypeError("secret");
  });
  for (const drawn of [0.05, 0.1, 0.99]) {
    random.mockReturnValue(drawn);
    await thinned.request("https://sandi.test/nowhere");
    await thinned.request("https://sandi.test/fault");
  }
  expect(lines.mock.calls.length).toBe(1);
  const requests = faults.mock.calls.filter(([line]) => String(line).includes('"message":"request"'));
  expect(requests.length).toBe(3);
});
