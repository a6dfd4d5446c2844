import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clock } from "../clock/clock.ts";
import { codeBlocks, readPages } from "../e2e/documents.ts";
import { CODE_LIFETIME_SECONDS, type DevProcess, freePorts, startDev } from "../world/dev.ts";
import type { PackageProject } from "../world/package.ts";
import {
  type Answer,
  type AuthServer,
  COMPILER_OPTIONS,
  installBetterAuth,
  listen,
  post,
  startAuth,
} from "./better-auth.ts";

/** better-auth 1.7 with the packed `sandi/better-auth`, over HTTP and against `npm run dev`. */

const ADMIN_KEY = "local-development-only-admin-key";

/** `npm run dev` may write a file while it stops. */
const CLEAN_UP = { recursive: true, force: true, maxRetries: 10 };

let project: PackageProject;
let state: string;
let clock: Clock;
let dev: DevProcess;
let recorder: Server;
let server: AuthServer;
/** The bodies that better-auth's server sent to Sandi, the newest last. */
const sent: { readonly path: string; readonly body: unknown }[] = [];

beforeAll(async () => {
  project = await installBetterAuth();
  state = await mkdtemp(join(tmpdir(), "sandi-better-auth-"));
  clock = new Clock(state);
  dev = await startDev(await freePorts(), state, {}, clock);
  recorder = createRecorder();
  server = await startAuth(project, { url: await listen(recorder), key: ADMIN_KEY });
}, 120_000);

afterAll(async () => {
  server.stop();
  recorder.close();
  recorder.closeAllConnections();
  await dev.signalAll("SIGTERM");
  await rm(state, CLEAN_UP);
  await project.remove();
});

/** Passes requests on to the Worker. */
function createRecorder(): Server {
  return createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    sent.push({ path: request.url ?? "", body: JSON.parse(text) });
    const headers = new Headers({ "content-type": "application/json" });
    for (const name of ["authorization", "idempotency-key"]) headers.set(name, String(request.headers[name]));
    const answer = await fetch(`${dev.api}${request.url}`, { method: "POST", headers, body: text });
    for (const name of ["content-type", "retry-after"]) {
      const value = answer.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.writeHead(answer.status).end(await answer.text());
  });
}

/** A call of better-auth's server. */
function call(path: string, body: object, headers?: Record<string, string>): Promise<Answer> {
  return post(server, path, body, headers);
}

interface PhoneMessage {
  readonly code: string;
  readonly language: string;
}

async function newestMessage(to: string): Promise<PhoneMessage> {
  const response = await fetch(`${dev.phone}/_sim/messages?to=${encodeURIComponent(to)}`);
  const { messages } = (await response.json()) as { messages: PhoneMessage[] };
  const [newest] = messages;
  if (newest === undefined) throw new Error(`Nothing was sent to ${to}`);
  return newest;
}

async function signIn(phoneNumber: string): Promise<Answer> {
  await call("/phone-number/send-otp", { phoneNumber });
  const { code } = await newestMessage(phoneNumber);
  return call("/phone-number/verify", { phoneNumber, code });
}

const wrong = (code: string) => (code === "000000" ? "111111" : "000000");
const cookiesOf = ({ headers }: Answer) =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

it("better-auth takes the options of docs/client.md in strict mode", async () => {
  const page = readPages().find(({ path }) => path === "docs/client.md");
  const blocks = codeBlocks(page ?? { path: "", text: "" });
  const snippets = blocks.filter(({ code }) => code.includes("sandi/better-auth"));
  expect(snippets).toHaveLength(1);
  await writeFile(join(project.folder, "snippet.ts"), snippets[0]?.code ?? "");
  await project.compile(["snippet.ts"], { ...COMPILER_OPTIONS, noEmit: true });
});

describe("better-auth's phone-number plugin with sandiPhoneNumber", () => {
  it("signs a user up by Sandi's code, once, and refuses a wrong and a used one as INVALID_OTP", async () => {
    const phoneNumber = "+6281255600001";
    expect(await call("/phone-number/send-otp", { phoneNumber })).toMatchObject({ status: 200 });
    const { code } = await newestMessage(phoneNumber);
    const invalid = { status: 400, body: { code: "INVALID_OTP" } };
    expect(await call("/phone-number/verify", { phoneNumber, code: wrong(code) })).toMatchObject(invalid);
    const approved = await call("/phone-number/verify", { phoneNumber, code });
    expect(approved).toMatchObject({
      status: 200,
      body: {
        status: true,
        user: { phoneNumber, phoneNumberVerified: true, email: "6281255600001@example.com" },
      },
    });
    expect(approved.body.token).toMatch(/\S{10}/);
    expect(await call("/phone-number/verify", { phoneNumber, code })).toMatchObject(invalid);
  });

  it("signs the same user in by the next code", async () => {
    const phoneNumber = "+6281255600002";
    const { body: first } = await signIn(phoneNumber);
    const { body: second } = await signIn(phoneNumber);
    expect(second.user.id).toBe(first.user.id);
    expect(second.token).not.toBe(first.token);
  });

  it("refuses a text without a digit as INVALID_OTP", async () => {
    const phoneNumber = "+6281255600003";
    await call("/phone-number/send-otp", { phoneNumber });
    expect(await call("/phone-number/verify", { phoneNumber, code: "—" })).toMatchObject({
      status: 400,
      body: { code: "INVALID_OTP" },
    });
  });

  it("refuses the right code as INVALID_OTP once it has expired", async () => {
    const phoneNumber = "+6281255600007";
    await call("/phone-number/send-otp", { phoneNumber });
    const { code } = await newestMessage(phoneNumber);
    // Sandi's clock alone: better-auth keeps the time of this process.
    clock.advance(CODE_LIFETIME_SECONDS + 1);
    expect(await call("/phone-number/verify", { phoneNumber, code })).toMatchObject({
      status: 400,
      body: { code: "INVALID_OTP" },
    });
  });

  it("refuses every code after the last allowed wrong one", async () => {
    const phoneNumber = "+6281255600004";
    await call("/phone-number/send-otp", { phoneNumber });
    const { code } = await newestMessage(phoneNumber);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await call("/phone-number/verify", { phoneNumber, code: wrong(code) });
    }
    expect(await call("/phone-number/verify", { phoneNumber, code })).toMatchObject({
      status: 400,
      body: { code: "INVALID_OTP" },
    });
  });

  it("answers a second request for a code in the cool-down with 429, RESEND_TOO_SOON and Retry-After", async () => {
    const phoneNumber = "+6281255600005";
    await call("/phone-number/send-otp", { phoneNumber });
    const again = await call("/phone-number/send-otp", { phoneNumber });
    expect(again).toMatchObject({ status: 429, body: { code: "RESEND_TOO_SOON" } });
    expect(again.body.message).toMatch(/\S/);
    expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("sends in the user's language, with the address and the limits that the app names", async () => {
    const phoneNumber = "+6281255600006";
    const headers = { "accept-language": "pt-BR,pt;q=0.9,en;q=0.8", "x-real-ip": "203.0.113.7" };
    await call("/phone-number/send-otp", { phoneNumber }, headers);
    expect(await newestMessage(phoneNumber)).toMatchObject({ language: "pt_BR" });
    await call("/phone-number/verify", { phoneNumber, code: "1" }, headers);
    const client = { ip: "203.0.113.7" };
    expect(sent.slice(-2)).toEqual([
      {
        path: "/v1/verifications",
        body: { to: phoneNumber, purpose: "login", locale: "pt-BR", client, limits: { phone: phoneNumber } },
      },
      {
        path: "/v1/verifications/check",
        body: { to: phoneNumber, purpose: "login", code: "1", client },
      },
    ]);
  });

  it.each([
    ["*", "+6281255600010"],
    ["", "+6281255600011"],
    ["x", "+6281255600012"],
    ["<script>", "+6281255600013"],
  ])("ignores an accept-language that names no language: %o", async (tag, phoneNumber) => {
    const answer = await call("/phone-number/send-otp", { phoneNumber }, { "accept-language": tag });
    expect(answer.status).toBe(200);
    expect(sent.at(-1)?.body).not.toHaveProperty("locale");
  });

  it.each(["+62 812 5560 0020", "081255600020", "+62", "nonsense"])(
    "answers %o with 400 and INVALID_PHONE_NUMBER",
    async (phoneNumber) => {
      const refused = { status: 400, body: { code: "INVALID_PHONE_NUMBER" } };
      expect(await call("/phone-number/send-otp", { phoneNumber })).toMatchObject(refused);
      expect(await call("/phone-number/verify", { phoneNumber, code: "123456" })).toMatchObject(refused);
    },
  );

  it("answers a destination that the guard refuses with 403", async () => {
    const blocked = await fetch(`${dev.api}/v1/guard/lists/block`, {
      method: "POST",
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
      body: JSON.stringify({ prefix: "+62812557", note: "Test" }),
    });
    expect(blocked.status).toBe(201);
    expect(await call("/phone-number/send-otp", { phoneNumber: "+6281255700001" })).toMatchObject({
      status: 403,
      body: { code: "DESTINATION_NOT_ALLOWED" },
    });
  });

  it("answers with 503 when no channel carries the code", async () => {
    // The purpose recovery has WhatsApp alone.
    const onWhatsApp = await startAuth(project, { url: dev.api, key: ADMIN_KEY, purpose: "recovery" });
    try {
      const failing = JSON.stringify({ fail_next: [{ http_status: 400, code: 131026 }] });
      await fetch(`${dev.phone}/_sim/behaviour`, { method: "PUT", body: failing });
      const phoneNumber = "+6281255600030";
      expect(await post(onWhatsApp, "/phone-number/send-otp", { phoneNumber })).toMatchObject({
        status: 503,
        body: { code: "CHANNEL_FAILED" },
      });
    } finally {
      onWhatsApp.stop();
    }
  });

  it("answers a wrong key with a 500 that shows nothing, and logs why", async () => {
    const locked = await startAuth(project, { url: dev.api, key: "sandi_wrong" });
    try {
      const answer = await post(locked, "/phone-number/send-otp", { phoneNumber: "+6281255600032" });
      expect([answer.status, answer.body]).toEqual([500, { message: "Internal Server Error" }]);
      expect(locked.output()).toContain("unauthorized");
      expect(locked.output()).not.toContain("sandi_wrong");
    } finally {
      locked.stop();
    }
  });
});

describe("better-auth's password reset with sandiPhoneNumber", () => {
  const newPassword = "correct horse battery";

  const reset = (phoneNumber: string, otp: string) =>
    call("/phone-number/reset-password", { phoneNumber, otp, newPassword });
  const invalid = { status: 400, body: { code: "INVALID_OTP" } };

  it("takes the code of the purpose recovery once, and then signs in by the password", async () => {
    const phoneNumber = "+6281255600040";
    await signIn(phoneNumber);
    expect((await call("/phone-number/request-password-reset", { phoneNumber })).status).toBe(200);
    expect(sent.at(-1)).toMatchObject({ path: "/v1/verifications", body: { purpose: "recovery" } });
    const { code } = await newestMessage(phoneNumber);
    expect(await call("/phone-number/verify", { phoneNumber, code })).toMatchObject(invalid);
    expect(await reset(phoneNumber, wrong(code))).toMatchObject(invalid);
    expect(await reset(phoneNumber, code)).toMatchObject({ status: 200, body: { status: true } });
    expect(await reset(phoneNumber, code)).toMatchObject(invalid);
    const password = await call("/sign-in/phone-number", { phoneNumber, password: newPassword });
    expect(password).toMatchObject({ status: 200, body: { user: { phoneNumber } } });
  });

  it("takes no code of a sign-in", async () => {
    const phoneNumber = "+6281255600042";
    await signIn(phoneNumber);
    await call("/phone-number/send-otp", { phoneNumber });
    const { code } = await newestMessage(phoneNumber);
    expect(await reset(phoneNumber, code)).toMatchObject(invalid);
    expect((await call("/phone-number/verify", { phoneNumber, code })).status).toBe(200);
  });

  it("answers alike for a number that has no user, to which nothing is sent", async () => {
    const phoneNumber = "+6281255600041";
    const before = sent.length;
    expect(await call("/phone-number/request-password-reset", { phoneNumber })).toMatchObject({
      status: 200,
      body: { status: true },
    });
    expect(sent).toHaveLength(before);
  });
});

describe("better-auth's two-factor plugin with sandiTwoFactor", () => {
  it("has its code brought to the user's phone", async () => {
    const phoneNumber = "+6281255600050";
    const password = "correct horse battery";
    await signIn(phoneNumber);
    await call("/phone-number/request-password-reset", { phoneNumber });
    const { code: otp } = await newestMessage(phoneNumber);
    await call("/phone-number/reset-password", { phoneNumber, otp, newPassword: password });
    const session = await call("/sign-in/phone-number", { phoneNumber, password });
    const enabled = await call("/two-factor/enable", { password }, { cookie: cookiesOf(session) });
    expect(enabled.status).toBe(200);

    const half = await call("/sign-in/phone-number", { phoneNumber, password });
    expect(half.body).toMatchObject({ twoFactorRedirect: true });
    const cookie = cookiesOf(half);
    expect(await call("/two-factor/send-otp", {}, { cookie })).toMatchObject({ status: 200 });
    const { code } = await newestMessage(phoneNumber);
    expect(sent.at(-1)?.body).toMatchObject({ to: phoneNumber, purpose: "signup", code });
    expect((await call("/two-factor/verify-otp", { code: wrong(code) }, { cookie })).status).toBe(401);
    expect(await call("/two-factor/verify-otp", { code }, { cookie })).toMatchObject({
      status: 200,
      body: { user: { phoneNumber } },
    });
  });
});
