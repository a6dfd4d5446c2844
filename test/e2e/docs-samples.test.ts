import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { placeholdersIn } from "../../src/build/docs/samples/path.ts";
import { freePorts } from "../world/dev.ts";
import { answerSchema, eventSchema, OPERATIONS, type Operation } from "./openapi.ts";
import { newNumber, SHIPPING_UPDATE, type Subject, Subjects, signatureOf } from "./sample-subjects.ts";
import { SampleRunner } from "./samples.ts";

/** Runs every sample of the reference against `npm run dev`. */

/** Calls that a platform signs have no curl sample: the reference shows what the platform sends. */
const SIGNED = OPERATIONS.filter(({ operationId }) =>
  /^(supabase|zitadel|clerk|authgear)Hook$/.test(operationId),
);
/** The call of a browser, which the reference shows as an address. */
const BY_BROWSER = OPERATIONS.filter(({ operationId }) => operationId === "authorize");
const BY_CURL = OPERATIONS.filter((operation) => ![...SIGNED, ...BY_BROWSER].includes(operation)).map(named);
const BY_CLIENT = OPERATIONS.filter(({ path }) => path.startsWith("/v1/")).map(named);

function named(operation: Operation): readonly [string, Operation] {
  return [operation.operationId, operation];
}

/** What is refused here although the request is right: a code cannot be sent again in the second it was sent. */
const REFUSALS: Readonly<Record<string, string>> = { resendVerification: "resend_too_soon" };

const [SEND, CHECK, REACT] = ["send-a-code", "check-the-code", "receive-events"] as const;

const runner = new SampleRunner();
const received: { readonly type: string }[] = [];
const receiver = createServer(async (request, response) => {
  received.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
  response.writeHead(204).end();
});
let subjects: Subjects;
let endpointId = "";
/** The receiver of the quick start. */
let program: Awaited<ReturnType<SampleRunner["serve"]>>;

beforeAll(async () => {
  await runner.start();
  const { api: port, phone: other } = await freePorts();
  await new Promise<void>((resolve) => receiver.listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${port}`;
  endpointId = (await runner.call("POST", "/v1/webhook-endpoints", { url })).id;
  subjects = new Subjects(runner, { url, endpointId });
  const register = runner
    .sample(`${REACT} curl`)
    .replace("https://shop.example.com", `http://127.0.0.1:${other}`);
  const { secret = "" } = Object((await runner.shell(register, {})).body);
  const code = runner.sample("A receiver of events").replace("4000", String(other));
  program = await runner.serve(code, { SANDI_WEBHOOK_SECRET: secret });
  const setup = { languages: ["en_US", "id"], templates: ["shipping_update"] };
  await runner.call("POST", "/v1/templates/setup", setup);
});

afterAll(async () => {
  program?.stop();
  receiver.close();
  await runner.stop();
});

function variablesOf({ values }: Subject): Record<string, string> {
  return Object.fromEntries(values.map(([words, value]) => [words.join("_").toUpperCase(), value]));
}

/** In a path, ids are percent-encoded; the plus sign of an id need not be, but may be. */
function inAddress(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, encodeURIComponent(value)]),
  );
}

/** A sample with what it takes as given: the client, and ids of earlier answers. */
function programOf({ path }: Operation, code: string): string {
  const ids = placeholdersIn(path).map((words) => {
    const name = words.map((word, index) =>
      index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1),
    );
    return `const ${name.join("")} = process.env.${words.join("_").toUpperCase()} ?? "";`;
  });
  return [
    'import { Sandi } from "sandi/client";',
    "const sandi = new Sandi({ url: process.env.SANDI_URL, key: process.env.SANDI_KEY });",
    ...ids,
    code,
  ].join("\n");
}

function expectDescribed(operation: Operation, status: number, body: unknown): void {
  const schema = answerSchema(operation, status);
  expect(schema, `an answer with ${status}`).toBeDefined();
  if (schema === null) expect(body).toBeUndefined();
  else expect(schema?.safeParse(body).error).toBeUndefined();
}

describe("The curl sample of a call", () => {
  it.each(BY_CURL)("%s: is answered with 2xx and a body as the description says", async (id, operation) => {
    const subject = await subjects.for(operation);
    const code = subject.localise(runner.sample(`${id} curl`));
    const sent = runner.shell(code, inAddress(variablesOf(subject)));
    const refusal = REFUSALS[id];
    if (refusal !== undefined) return expect(sent).rejects.toThrow(`"code":"${refusal}"`);
    const { status, body } = await sent;
    expect(status).toBeLessThan(300);
    expectDescribed(operation, status, body);
    if (id.startsWith("check") && !id.includes("Vonage")) expect(body).toMatchObject({ valid: true });
  });
});

describe("The address that a browser is sent to", () => {
  it.each(BY_BROWSER.map(named))("%s: is answered with the page", async (_, operation) => {
    const subject = await subjects.for(operation);
    const address = runner.sample(`Request: ${operation.summary}`).replaceAll(/\s/g, "");
    const response = await fetch(subject.localise(address), { redirect: "manual" });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(await response.text()).toContain('name="flow"');
  });
});

describe("The body that a platform sends", () => {
  it.each(SIGNED.map(named))("%s: is accepted when the platform signs it", async (id, operation) => {
    const [content] = Object.values(operation.requestBody?.content ?? {});
    const subject = await subjects.for(operation);
    const body = subject.localise(JSON.stringify(content?.example));
    const headers = { "content-type": "application/json", ...(await signatureOf(id, body)) };
    const response = await fetch(runner.dev.api + operation.path, { method: "POST", headers, body });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(operation.responses[200]?.content?.["application/json"]?.example);
  });
});

describe("The TypeScript sample of a call", () => {
  it.each(BY_CLIENT)("%s: runs", async (id, operation) => {
    const subject = await subjects.for(operation);
    const code = subject.localise(runner.sample(`${id} typescript`));
    const running = runner.node(programOf(operation, code), variablesOf(subject));
    const refusal = REFUSALS[id];
    if (refusal !== undefined) return expect(running).rejects.toThrow(`SandiError: ${refusal}`);
    await running;
  });

  it("each of them, and those of the quick start, passes the compiler in strict mode", async () => {
    const calls = BY_CLIENT.map(([id, operation]) => programOf(operation, runner.sample(`${id} typescript`)));
    const quickStart = [SEND, CHECK, REACT].map((step) => runner.sample(`${step} typescript`)).join("\n");
    await runner.checkTypes([...calls, quickStart, runner.sample("A receiver of events")]);
  });
});

describe("The quick start", () => {
  it("leads to an approved number with curl", async () => {
    const number = newNumber();
    const key = "export SANDI_KEY='your key'";
    const send = runner.sample(`${SEND} curl`);
    expect(send).toContain(key);
    const started = await runner.shell(send.replace(key, "").replaceAll("+6281234567890", number), {});
    const { id = "" } = Object(started.body);
    const check = runner.sample(`${CHECK} curl`).replace("482913", await runner.codeFor(number));
    const { body } = await runner.shell(check, { VERIFICATION_ID: id });
    expect(body).toMatchObject({ valid: true, status: "approved", to: number });
  });

  it("leads to an approved number in TypeScript, and to an event that its receiver prints", async () => {
    const number = newNumber();
    const send = runner.sample(`${SEND} typescript`).replaceAll("+6281234567890", number);
    const check = runner.sample(`${CHECK} typescript`).replace('"482913"', "typed");
    const phone = `${runner.dev.phone}/_sim/messages?to=${encodeURIComponent(number)}`;
    const read = `const [{ code: typed }] = (await (await fetch("${phone}")).json()).messages;`;
    expect(await runner.node(`${send}\n${read}\n${check}\nconsole.log(valid);`)).toBe("true\n");
    await vi.waitFor(() => expect(program.printed()).toContain(number), { timeout: 30_000, interval: 200 });
  });
});

describe("The events that arrive", () => {
  it("fit their descriptions, without other fields", async () => {
    const number = newNumber();
    const { id } = await runner.call("POST", "/v1/verifications", { to: number });
    await runner.call("POST", `/v1/verifications/${id}/check`, { code: await runner.codeFor(number) });
    await runner.call("POST", `/v1/webhook-endpoints/${endpointId}/test`);
    await subjects.write(number, "STOP");
    await runner.call("POST", "/v1/notifications", { to: number, ...SHIPPING_UPDATE });
    await subjects.simulate("/_sim/templates/shipping_update/status", { status: "PAUSED", language: "id" });
    // The shipped rules refuse numbers of satellite phones.
    await expect(runner.call("POST", "/v1/verifications", { to: "+882131234567" })).rejects.toThrow(
      "destination_not_allowed",
    );
    const types = [
      "verification.started",
      "verification.message",
      "verification.approved",
      "verification.canceled",
      "notification.sent",
      "notification.delivered",
      "notification.failed",
      "message.received",
      "template.updated",
      "guard.blocked",
      "endpoint.test",
    ];
    await vi.waitFor(() => expect(received.map(({ type }) => type)).toEqual(expect.arrayContaining(types)), {
      timeout: 30_000,
      interval: 200,
    });
    for (const event of received) {
      const schema = eventSchema(event.type);
      expect(schema, event.type).toBeDefined();
      expect(schema?.safeParse(event).error, event.type).toBeUndefined();
    }
  });
});
