import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import { Jsonnet } from "@hanazuki/node-jsonnet";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DevProcess, freePorts, startDev } from "../world/dev.ts";
import { SECRETS } from "../world/dev-worker.ts";
import { listen, respondJson } from "../world/network.ts";
import { startKms } from "./kms.ts";

const PIECES = new URL("../../docs/compatibility/", import.meta.url);
/** As `.dev.vars.example` has it. */
const SUPABASE_SECRET = "v1,whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1zdXBhYmFzZS0wMQ==";
const PATIENCE_MS = 60_000;

let state: string;
let dev: DevProcess;
/** An API key with the scope `hooks` alone. */
let key: string;

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "sandi-hooks-"));
  dev = await startDev(await freePorts(), state);
  const response = await fetch(`${dev.api}/v1/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRETS.adminKey}` },
    body: JSON.stringify({ name: "Dashboard", scopes: ["hooks"] }),
  });
  ({ key } = (await response.json()) as { key: string });
}, PATIENCE_MS);

afterAll(async () => {
  await dev.signalAll("SIGINT");
  await rm(state, { recursive: true, force: true });
});

let drawn = 0;
let to: string;
beforeEach(() => {
  drawn += 1;
  to = `+62812${String(30_000_000 + drawn)}`;
});

/** The codes that a phone has received, the newest first. */
async function codesOn(phone: string): Promise<readonly string[]> {
  const response = await fetch(`${dev.phone}/_sim/messages?to=${encodeURIComponent(phone)}`);
  const { messages } = (await response.json()) as { messages: readonly { code: string }[] };
  return messages.map(({ code }) => code);
}

async function behave(behaviour: object): Promise<void> {
  await fetch(`${dev.phone}/_sim/behaviour`, { method: "PUT", body: JSON.stringify(behaviour) });
}

describe("Supabase's call, signed by standardwebhooks", () => {
  const secret = new Webhook(SUPABASE_SECRET.replace(/^v1,/, ""));
  const payload = (otp: string, uuid: string) =>
    JSON.stringify({
      metadata: { uuid, time: "2026-11-30T10:00:00Z", name: "send-sms", ip_address: "203.0.113.9" },
      user: { id: "0b7e2e64", aud: "authenticated", phone: to.slice(1), user_metadata: {} },
      sms: { otp, phone: to.slice(1) },
    });

  /** One try: the id and the time are new in each. */
  const post = (body: string, signedBy = secret) => {
    const [id, now] = [crypto.randomUUID(), new Date()];
    return fetch(`${dev.api}/hooks/supabase`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "accept-encoding": "identity",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        "webhook-signature": signedBy.sign(id, now, body),
      },
      body,
    });
  };

  it("is sent once although the answers of two tries are lost", async () => {
    const body = payload("561166", "uuid-1");
    const answers = [];
    for (let tries = 0; tries < 3; tries += 1) answers.push(await post(body));
    for (const answer of answers) {
      expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
        200,
        "application/json",
        "{}",
      ]);
    }
    expect(await codesOn(to)).toEqual(["561166"]);
  });

  it("tells the app's user how long to wait", async () => {
    await post(payload("561166", "uuid-2"));
    const answer = await post(payload("135791", "uuid-3"));
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([200, null]);
    const { error } = (await answer.json()) as { error: { http_code: number; message: string } };
    expect(error.http_code).toBe(429);
    expect(error.message).toMatch(/in \d+ seconds/);
    expect(await codesOn(to)).toEqual(["561166"]);
  });

  it("is refused with another secret", async () => {
    const other = new Webhook(`whsec_${btoa("another-secret-0123456789-abcdefg")}`);
    expect((await post(payload("561166", "uuid-4"), other)).status).toBe(401);
    expect(await codesOn(to)).toEqual([]);
  });

  it("is answered within Supabase's five seconds while WhatsApp hangs", async () => {
    await behave({ hang_next: 1 });
    const startedAt = performance.now();
    const answer = await post(payload("561166", "uuid-5"));
    expect([answer.status, await answer.text()]).toEqual([200, "{}"]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("The Jsonnet for Ory Kratos", () => {
  /** What Kratos evaluates it with, and sends. */
  async function post(template: object): Promise<Response> {
    const context = {
      recipient: to,
      subject: "",
      body: "Your login code is: 999999\n",
      message_type: "sms",
      request_headers: {},
      ...template,
    };
    const text = await readFile(new URL("kratos.jsonnet", PIECES), "utf8");
    const body = await new Jsonnet().tlaCode("ctx", JSON.stringify(context)).evaluateSnippet(text);
    return fetch(`${dev.api}/hooks/kratos`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Basic ${btoa(`sandi:${key}`)}` },
      body,
    });
  }

  it("passes the code and the locale of a template on", async () => {
    const template = {
      template_type: "login_code_valid",
      template_data: {
        to,
        login_code: "482913",
        transient_payload: { locale: "id" },
        expires_in_minutes: 60,
      },
    };
    for (let tries = 0; tries < 6; tries += 1) expect((await post(template)).status).toBe(200);
    expect(await codesOn(to)).toEqual(["482913"]);
  });

  it("passes the text on, whose last line has the code of a template without data", async () => {
    expect((await post({ template_type: "login_code_valid", template_data: null })).status).toBe(200);
    expect(await codesOn(to)).toEqual(["999999"]);
  });

  it("is answered with 422 for a message without a code", async () => {
    const template = {
      template_type: "authenticator_key_added",
      template_data: {},
      body: "A key was added.",
    };
    expect((await post(template)).status).toBe(422);
  });
});

describe("The Action for Auth0", () => {
  interface Outcome {
    readonly dropped: readonly string[];
    readonly retried: readonly string[];
  }

  /** Runs the Action as Auth0 does, which loads it as CommonJS. */
  async function run(notification: object, secrets: object = {}): Promise<Outcome> {
    const exports: { onExecuteCustomPhoneProvider?: (event: object, api: object) => Promise<void> } = {};
    const code = await readFile(new URL("auth0-action.js", PIECES), "utf8");
    compileFunction(code, ["exports"])(exports);
    const [dropped, retried]: [string[], string[]] = [[], []];
    const event = {
      notification: {
        recipient: to,
        code: "482913",
        message_type: "otp_verify",
        delivery_method: "text",
        as_text: "Your code is 482913",
        locale: "en_US",
        ...notification,
      },
      request: { ip: "203.0.113.9" },
      secrets: { SANDI_URL: dev.api, SANDI_KEY: key, ...secrets },
    };
    const record = (reasons: string[]) => (reason: string) => void reasons.push(reason);
    await exports.onExecuteCustomPhoneProvider?.(event, {
      notification: { drop: record(dropped), retry: record(retried) },
    });
    for (const reason of [...dropped, ...retried]) {
      expect(reason).not.toMatch(/\d{4,}/);
      expect(reason.length).toBeLessThan(1024);
    }
    return { dropped, retried };
  }

  /** Another server in Sandi's place. */
  async function answeredWith(status: number): Promise<Outcome> {
    const server = await listen((_, response) => respondJson(response, status, {}));
    const outcome = await run({}, { SANDI_URL: `http://127.0.0.1:${server.port}` });
    server.close();
    return outcome;
  }

  it("neither drops nor retries a message that is sent", async () => {
    expect(await run({})).toEqual({ dropped: [], retried: [] });
    expect(await codesOn(to)).toEqual(["482913"]);
  });

  it("drops a message without a code, a number that is none and a wrong key", async () => {
    for (const outcome of [
      await run({ code: undefined }),
      await run({ recipient: "+1" }),
      await run({}, { SANDI_KEY: "wrong" }),
    ]) {
      expect([outcome.dropped.length, outcome.retried.length]).toEqual([1, 0]);
    }
    expect(await codesOn(to)).toEqual([]);
  });

  it("retries under a cool-down, after 5xx and without an answer", async () => {
    await run({});
    for (const outcome of [
      await run({ code: "135791" }),
      await answeredWith(500),
      await answeredWith(503),
      await run({}, { SANDI_URL: "http://127.0.0.1:9" }),
    ]) {
      expect([outcome.dropped.length, outcome.retried.length]).toEqual([0, 1]);
    }
    expect(await codesOn(to)).toEqual(["482913"]);
  });
});

describe("The function for Amazon Cognito", () => {
  const ARN = "arn:aws:kms:eu-west-1:111122223333:key/0c1d2e3f-0000-4000-8000-000000000001";

  type Handler = (event: object, context: object) => Promise<void>;
  let handler: Handler;
  let encrypt: (code: string) => Promise<string>;
  let cleanUp: () => Promise<void>;

  beforeAll(async () => {
    const kms = await startKms(ARN);
    // Where the function's package is found.
    const directory = await mkdtemp(join(import.meta.dirname, "node_modules", ".cognito-"));
    const file = join(directory, "index.mjs");
    await writeFile(file, await readFile(new URL("cognito-custom-sms-sender.mjs", PIECES)));
    Object.assign(process.env, {
      ...kms.environment,
      KEY_ARN: ARN,
      SANDI_URL: dev.api,
      SANDI_KEY: key,
    });
    ({ handler } = (await import(pathToFileURL(file).href)) as { handler: Handler });
    encrypt = kms.encrypt;
    cleanUp = async () => {
      kms.close();
      await rm(directory, { recursive: true });
    };
  });

  afterAll(() => cleanUp());

  async function event(code: string | null, attributes: object = {}) {
    return {
      version: "1",
      triggerSource: "CustomSMSSender_Authentication",
      userName: "ana",
      request: {
        type: "customSMSSenderRequestV1",
        code: code === null ? null : await encrypt(code),
        userAttributes: { sub: "5d0e", phone_number: to, locale: "id", ...attributes },
      },
    };
  }

  it("decrypts the code and has it sent once, however often Lambda runs it", async () => {
    const call = await event("482913");
    for (let runs = 0; runs < 3; runs += 1) await handler(call, { awsRequestId: "request-1" });
    expect(await codesOn(to)).toEqual(["482913"]);
  });

  it("throws what Sandi refuses, without the code and the number", async () => {
    const call = await event("482913", { phone_number: "+1" });
    await expect(handler(call, { awsRequestId: "request-2" })).rejects.toThrow(/^Sandi answered 400\.$/);
  });

  it("sends nothing without a code", async () => {
    await handler(await event(null), { awsRequestId: "request-3" });
    expect(await codesOn(to)).toEqual([]);
  });
});
