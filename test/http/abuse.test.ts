import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { createUnconfiguredApp } from "../../src/app.ts";
import { ApiKeys } from "../../src/keys/api-keys.ts";
import { SCOPES } from "../../src/keys/caller.ts";
import { PhoneNumber } from "../../src/phone-number/phone-number.ts";
import type { ProblemCode } from "../../src/platform/problem.ts";
import { useDeployment } from "../deployment.ts";
import { type RawAnswer, type TestedMount, testedMounts } from "./mounts.ts";

useDeployment();

const keys = new ApiKeys(env.API_KEYS, env.ADMIN_KEY);
const mounts = testedMounts().map((mount) => ({ ...mount, prefix: mount.dialect.prefix }));
const calls = mounts.flatMap(({ endpoints, speech }) =>
  endpoints.map(({ definition: endpoint }) => ({
    endpoint,
    speech,
    method: endpoint.method.toUpperCase(),
    title: `${endpoint.method.toUpperCase()} ${endpoint.path}`,
    url: `https://sandi.test${endpoint.path.replace(/\{\w+\}/g, speech.param)}`,
  })),
);

async function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: BodyInit,
): Promise<RawAnswer> {
  const response = await exports.default.fetch(url, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function expectError(answer: RawAnswer, code: ProblemCode, { speech }: Pick<TestedMount, "speech">): void {
  speech.expectError(answer, code);
  expect(answer.headers.get("x-request-id")).toBeTruthy();
}

describe.each(calls)("$title", ({ endpoint, speech, method, url }) => {
  const takesBody = endpoint.body !== undefined;
  const body = (text: string) => (takesBody ? text : undefined);
  const asAdmin = (text?: BodyInit) => speech.authorize(env.ADMIN_KEY, text, endpoint);

  it.each(speech.wrongCredentials)(
    "answers 401 to %s before it reads the body, and calls no object",
    async (_, headers) => {
      const objects = vi.spyOn(env.PHONE_NUMBERS, "getByName");
      expectError(await send(url, method, headers, body("{")), "unauthorized", { speech });
      expect(objects).not.toHaveBeenCalled();
    },
  );

  // A platform that signs has no key.
  if (!endpoint.signed) {
    it("answers 403 to every key without its scope, before it looks at the body", async () => {
      const others = SCOPES.filter((scope) => scope !== endpoint.scope);
      const { key } = await keys.create("others", others);
      const headers = speech.authorize(key, body("{"), endpoint);
      expectError(await send(url, method, headers, body("{")), "forbidden", { speech });
    });
  }

  it("answers a method that it does not know with 404", async () => {
    expectError(await send(url, "PROPFIND", asAdmin("{}"), "{}"), "not_found", { speech });
  });

  it("refuses an unknown query parameter by name", async () => {
    const answer = await send(`${url}?surprise=1`, method, asAdmin(body("{}")), body("{}"));
    expectError(answer, "invalid_request", { speech });
    expect(speech.faultsIn(answer).join()).toContain("surprise");
  });

  it("is described in the OpenAPI document with the problems of every endpoint", async () => {
    const document = JSON.parse((await send("https://sandi.test/openapi.json", "GET", {})).text);
    const operation = document.paths[endpoint.path][endpoint.method];
    expect(operation.operationId).toBe(endpoint.operationId);
    const { dialect } = endpoint;
    for (const code of ["unauthorized", "forbidden", "internal", "unavailable"] as const) {
      const [status, text] = dialect?.describeError(code) ?? [null, `\`${code}\``];
      const described = status === null ? operation.responses : operation.responses[status];
      expect(JSON.stringify(described)).toContain(JSON.stringify(text).slice(1, -1));
    }
    if (takesBody) {
      const { example } = operation.requestBody.content[dialect?.bodyType ?? "application/json"];
      expect(example, "an example for the documentation").toBeDefined();
    }
  });
});

describe.each(calls.filter(({ endpoint }) => endpoint.body !== undefined))("$title", (call) => {
  const { endpoint, speech, method, url } = call;
  const sendAsAdmin = (body: BodyInit, signed = body) =>
    send(url, method, speech.authorize(env.ADMIN_KEY, signed, endpoint), body);

  it.each(speech.badBodies)("answers 400 to %s, in the words of its dialect", async (_, body) => {
    const answer = await sendAsAdmin(body);
    expectError(answer, "invalid_request", { speech });
    expect(speech.faultsIn(answer).length).toBeGreaterThan(0);
  });

  it("answers 413 to a huge body, with or without its length announced", async () => {
    const huge = speech.hugeBody(endpoint.largestBodyBytes ?? 65_536);
    expectError(await sendAsAdmin(huge), "payload_too_large", { speech });
    expectError(await sendAsAdmin(new Blob([huge]).stream(), huge), "payload_too_large", { speech });
  });
});

describe.each(mounts)("under $prefix", ({ dialect, speech }) => {
  const asAdmin = (path: string) =>
    speech.authorize(env.ADMIN_KEY, undefined, { path } as (typeof calls)[number]["endpoint"]);

  it.each(speech.unknownPaths)("%s needs a key before it is not found", async (path) => {
    const url = `https://sandi.test${path}`;
    expectError(await send(url, "GET", {}), "unauthorized", { speech });
    expectError(await send(url, "GET", asAdmin(path)), "not_found", { speech });
  });

  it("an invalid configuration is answered in its dialect", async () => {
    const { fetch } = createUnconfiguredApp();
    const path = `${dialect.prefix}/anything`;
    const response = await fetch(new Request(`https://sandi.test${path}`), {} as ExecutionContext);
    const { status, headers } = response;
    expectError({ status, headers, text: await response.text() }, "internal", { speech });
  });
});

describe("a path without an endpoint", () => {
  it.each(["/", "/.env", "/health/x", "/webhooks", "/docs/x", "/twiliox"])(
    "%s is not found",
    async (path) => {
      const [native] = mounts;
      if (native === undefined) throw new Error("There is no mount");
      expectError(await send(`https://sandi.test${path}`, "GET", {}), "not_found", native);
    },
  );

  it("answers 200 at /health without a key", async () => {
    expect(await send("https://sandi.test/health", "GET", {})).toMatchObject({
      status: 200,
      text: '{"status":"ok"}',
    });
  });

  it("gives every answer its security headers and a request id", async () => {
    const spy = vi.spyOn(PhoneNumber.prototype, "get");
    for (const path of ["/health", "/v1/keys", "/nowhere", "/openapi.json", "/docs", "/twilio/v2/Services"]) {
      const { headers } = await send(`https://sandi.test${path}`, "GET", {});
      expect(headers.get("content-security-policy"), path).toContain("default-src 'none'");
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("x-request-id"), path).toBeTruthy();
    }
    expect(spy).not.toHaveBeenCalled();
  });

  it.each(["a b", "<script>", "x".repeat(300), "é"])("does not echo the request id %j", async (id) => {
    const { headers } = await send("https://sandi.test/health", "GET", { "x-request-id": id });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});
