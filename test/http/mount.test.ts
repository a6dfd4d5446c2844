import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { baseApp } from "../../src/http/base-app.ts";
import { defineEndpoint, pair } from "../../src/http/endpoint.ts";
import { mount } from "../../src/http/mount.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { Caller } from "../../src/keys/caller.ts";

const definitions = {
  echo: defineEndpoint({
    operationId: "echo",
    method: "post",
    path: "/other/{id}/echo",
    scope: "verifications",
    summary: "Echo",
    description: "Echoes.",
    params: { id: (text: string) => (/^\d+$/.test(text) ? Number(text) : null) },
    body: z.strictObject({ text: z.string() }),
    largestBodyBytes: 100,
    responses: { 200: { description: "Echoed." } },
    problems: [],
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
    prefix: "/other",
    endpoints,
    authenticate,
    renderError: ({ code }) => Response.json({ dialect: "other", code }, { status: 499 }),
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
