import { env, exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../../src/deployment.ts";
import { endpoints } from "../../../src/http/v1/index.ts";
import { ApiKeys } from "../../../src/keys/api-keys.ts";
import { SCOPES } from "../../../src/keys/caller.ts";
import { PhoneNumber } from "../../../src/phone-number/phone-number.ts";
import { PROBLEMS, type ProblemCode } from "../../../src/platform/problem.ts";
import { useDeployment } from "../../deployment.ts";

useDeployment();

const keys = new ApiKeys(env.API_KEYS, env.ADMIN_KEY);
const calls = endpoints(deploy(env)).map(({ definition: endpoint }) => ({
  endpoint,
  title: `${endpoint.method.toUpperCase()} ${endpoint.path}`,
  url: `https://sandi.test${endpoint.path.replace(/\{\w+\}/g, "vrf_00000000000000000000000000")}`,
}));

const ADMIN = { authorization: `Bearer ${env.ADMIN_KEY}` };

async function send(url: string, method: string, headers: Record<string, string>, body?: BodyInit) {
  const response = await exports.default.fetch(url, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function expectProblem(answer: Awaited<ReturnType<typeof send>>, code: ProblemCode) {
  expect(JSON.parse(answer.text)).toMatchObject({ code, status: PROBLEMS[code][0] });
  expect(answer.status).toBe(PROBLEMS[code][0]);
  expect(answer.headers.get("x-request-id")).toBeTruthy();
}

describe.each(calls)("$title", ({ endpoint, url }) => {
  const method = endpoint.method.toUpperCase();
  const takesBody = endpoint.body !== undefined;
  const body = (text: string) => (takesBody ? text : undefined);

  it.each([
    ["no key", {}],
    ["an empty key", { authorization: "Bearer " }],
    ["a key of another scheme", { authorization: `Basic ${env.ADMIN_KEY}` }],
    ["an unknown key", { authorization: "Bearer sandi_00000000000000000000000000000000" }],
    ["almost the admin key", { authorization: `Bearer ${env.ADMIN_KEY}x` }],
  ])("answers 401 to %s before it reads the body, and calls no object", async (_, headers) => {
    const objects = vi.spyOn(env.PHONE_NUMBERS, "getByName");
    await expectProblem(await send(url, method, headers, body("{")), "unauthorized");
    expect(objects).not.toHaveBeenCalled();
  });

  it("answers 403 to every key without its scope, before it looks at the body", async () => {
    const others = SCOPES.filter((scope) => scope !== endpoint.scope);
    const { key } = await keys.create("others", others);
    await expectProblem(await send(url, method, { authorization: `Bearer ${key}` }, body("{")), "forbidden");
  });

  it("answers a method that it does not know with 404", async () => {
    await expectProblem(await send(url, "PROPFIND", ADMIN, "{}"), "not_found");
  });

  it("refuses an unknown query parameter by name", async () => {
    const answer = await send(`${url}?surprise=1`, method, ADMIN, body("{}"));
    await expectProblem(answer, "invalid_request");
    expect(answer.text).toContain("/surprise");
  });

  it("is described in the OpenAPI document with every problem that it may answer", async () => {
    const document = JSON.parse((await send("https://sandi.test/openapi.json", "GET", {})).text);
    const operation = document.paths[endpoint.path][endpoint.method];
    expect(operation.operationId).toBe(endpoint.operationId);
    const described = JSON.stringify(operation.responses);
    for (const code of ["unauthorized", "forbidden", "internal", "unavailable", ...endpoint.problems]) {
      expect(described).toContain(`\`${code}\``);
    }
    if (takesBody) {
      const example = operation.requestBody.content["application/json"].example;
      expect(example, "an example for the documentation").toBeDefined();
    }
  });
});

describe.each(calls.filter(({ endpoint }) => endpoint.body !== undefined))("$title", ({ endpoint, url }) => {
  const method = endpoint.method.toUpperCase();

  it.each([
    ["broken JSON", "{"],
    ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d])],
    ["an array", "[]"],
    ["a number", "1"],
    ["null", "null"],
    ["an unknown field", '{"surprise":1}'],
    ["a field that would reach the prototype", '{"__proto__":{"to":"x"}}'],
    ["a deeply nested value", `{"metadata":${"[".repeat(5000)}${"]".repeat(5000)}}`],
  ])("answers 400 to %s", async (_, text) => {
    const answer = await send(url, method, ADMIN, text);
    expect(answer.status, answer.text).toBe(400);
    expect(JSON.parse(answer.text).errors.length).toBeGreaterThan(0);
  });

  it("answers 413 to a huge body, with or without its length announced", async () => {
    const huge = `{"metadata":"${"x".repeat(endpoint.largestBodyBytes ?? 65_536)}"}`;
    await expectProblem(await send(url, method, ADMIN, huge), "payload_too_large");
    await expectProblem(await send(url, method, ADMIN, new Blob([huge]).stream()), "payload_too_large");
  });
});

describe("a path without an endpoint", () => {
  it.each(["/v1", "/v1/verification", "/v1/keys/a/b"])(
    "%s needs a key before it is not found",
    async (path) => {
      await expectProblem(await send(`https://sandi.test${path}`, "GET", {}), "unauthorized");
      await expectProblem(await send(`https://sandi.test${path}`, "GET", ADMIN), "not_found");
    },
  );

  it.each(["/", "/.env", "/health/x", "/webhooks", "/docs/x"])("%s is not found", async (path) => {
    await expectProblem(await send(`https://sandi.test${path}`, "GET", {}), "not_found");
  });

  it("answers 200 at /health without a key", async () => {
    expect(await send("https://sandi.test/health", "GET", {})).toMatchObject({
      status: 200,
      text: '{"status":"ok"}',
    });
  });

  it("gives every answer its security headers and a request id", async () => {
    const spy = vi.spyOn(PhoneNumber.prototype, "get");
    for (const path of ["/health", "/v1/keys", "/nowhere", "/openapi.json", "/docs"]) {
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
