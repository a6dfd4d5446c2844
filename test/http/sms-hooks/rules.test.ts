import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { purposeOf } from "../../../src/http/sms-hooks/deliver.ts";
import { PhoneNumber } from "../../../src/phone-number/phone-number.ts";
import { DEFAULT_POLICY } from "../../../src/phone-number/policy.ts";
import { api, control, messagesTo, newNumber, start, useDeployment } from "../../deployment.ts";
import { call, hangWhatsApp, keyWith, post, recordStarts, sentAnswer } from "./rig.ts";

const deployment = useDeployment();
const SECOND = 1000;
const DAY = 86_400 * SECOND;

const PLATFORMS = [
  "supabase",
  "zitadel",
  "kratos",
  "logto",
  "fusionauth",
  "auth0",
  "cognito",
  "clerk",
  "authgear",
];
/** Those whose messages have an id of their own. */
const WITH_ID = ["supabase", "cognito", "clerk"];
const WITHOUT_ID = PLATFORMS.filter((platform) => !WITH_ID.includes(platform));

interface Fields {
  readonly to?: unknown;
  readonly code?: unknown;
  readonly id?: unknown;
  readonly locale?: unknown;
  readonly ip?: unknown;
  readonly more?: unknown;
}

/** The smallest body of each platform. */
const BODIES: Readonly<Record<string, (fields: Fields) => object>> = {
  supabase: ({ to, code, id, locale, ip, more }) => ({
    metadata: { uuid: id, ip_address: ip },
    user: { user_metadata: { locale } },
    sms: { phone: to, otp: code },
    more,
  }),
  zitadel: ({ to, code, more }) => ({ contextInfo: { recipientPhoneNumber: to }, args: { code }, more }),
  kratos: ({ to, code, locale, more }) => ({
    recipient: to,
    template_data: { login_code: code, transient_payload: { locale } },
    more,
  }),
  logto: ({ to, code, locale, ip, more }) => ({ to, type: "SignIn", payload: { code, locale }, ip, more }),
  fusionauth: ({ to, code, locale, more }) => ({ phoneNumber: to, code, locale, more }),
  auth0: ({ to, code, locale, ip, more }) => ({ recipient: to, code, locale, ip, more }),
  cognito: ({ to, code, id, locale, more }) => ({
    id,
    code,
    userAttributes: { phone_number: to, locale },
    more,
  }),
  authgear: ({ to, code, locale, more }) => ({
    to,
    language_tag: locale,
    template_variables: { code },
    more,
  }),
  clerk: ({ to, code, id, more }) => ({
    type: "sms.created",
    data: { id, to_phone_number: to, data: { otp_code: code }, delivered_by_clerk: false, more },
  }),
};

function bodyOf(platform: string, fields: Fields): object {
  const make = BODIES[platform];
  if (make === undefined) throw new Error(`No body for ${platform}`);
  return make({ code: "482913", ...fields });
}

const send = (platform: string, fields: Fields, query = "") =>
  call(platform, bodyOf(platform, fields), query);

/** Sets the time until the end of the test. */
function stopTime(): (milliseconds: number) => void {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  return (milliseconds) => vi.setSystemTime(Date.now() + milliseconds);
}

/** The status with which a platform learns of a refusal. */
function refusalOf(platform: string, answer: Awaited<ReturnType<typeof send>>): number {
  return platform === "supabase" ? answer.body.error.http_code : answer.status;
}

describe.each(PLATFORMS)("The hook %s", (platform) => {
  it("answers within four seconds while WhatsApp hangs, and the send goes on", async () => {
    const hanging = hangWhatsApp(deployment);
    const to = newNumber();
    const answer = await send(platform, { to, id: "m-1" });
    expect([answer.status, answer.text]).toEqual([200, sentAnswer(platform)]);
    expect(hanging.limits).toEqual([3_500]);
    expect(await messagesTo(deployment, to)).toEqual([]);

    // The platform that lost the answer gets the same again.
    expect((await send(platform, { to, id: "m-1" })).text).toBe(sentAnswer(platform));
    hanging.release();
    await vi.waitFor(async () => expect(await messagesTo(deployment, to)).toHaveLength(1));
    expect(vi.mocked(fetch)).toHaveBeenCalledTimes(1);
  });

  it("answers a repetition alike and sends nothing, also when it is signed anew", async () => {
    const to = newNumber();
    const answers = [];
    for (let tries = 0; tries < 6; tries += 1) answers.push(await send(platform, { to, id: "m-1" }));
    expect(answers.map(({ status, text }) => [status, text])).toEqual(
      Array(6).fill([200, sentAnswer(platform)]),
    );
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("answers the repetition of a message that failed alike", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    const to = newNumber();
    const first = await send(platform, { to, id: "m-1" });
    const again = await send(platform, { to, id: "m-1" });
    expect([refusalOf(platform, first), refusalOf(platform, again)]).toEqual(
      platform === "supabase" ? [503, 503] : [502, 502],
    );
    expect(deployment.graphCalls).toHaveLength(1);
  });

  it("sends a repetition after a failure for now, since nothing was sent", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131056 }] });
    const pass = stopTime();
    const to = newNumber();
    expect(refusalOf(platform, await send(platform, { to, id: "m-1" }))).toBe(503);
    pass(30 * SECOND);
    expect((await send(platform, { to, id: "m-1" })).text).toBe(sentAnswer(platform));
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("sends the newer code of another message under the policy's cool-down", async () => {
    const pass = stopTime();
    const to = newNumber();
    await send(platform, { to, id: "m-1" });
    const tooSoon = await send(platform, { to, id: "m-2", code: "135791" });
    expect(refusalOf(platform, tooSoon)).toBe(429);
    pass(30 * SECOND);
    expect((await send(platform, { to, id: "m-2", code: "135791" })).text).toBe(sentAnswer(platform));
    expect((await messagesTo(deployment, to)).map(({ code }) => code)).toEqual(["135791", "482913"]);
    const { body } = await api("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
    expect(body.data).toHaveLength(1);
  });

  it("tells neither the number nor the code in a refusal", async () => {
    const to = newNumber();
    await send(platform, { to, id: "m-1" });
    const refused = [
      await send(platform, { to, id: "m-2", code: "135791" }),
      await send(platform, { to: `${to}999999`, id: "m-3", code: "135791" }),
      await send(platform, { to, id: "m-4", code: "135791!" }),
    ];
    for (const { text } of refused) {
      expect(text).not.toContain(to.slice(1));
      expect(text).not.toContain("135791");
      expect(text).not.toContain("482913");
    }
    const log = deployment.logLines.join("\n");
    expect(log).not.toContain(to.slice(1));
    expect(log).not.toContain("135791");
  });

  it.each([
    ["no number", { to: undefined }, ""],
    ["an empty number", { to: "" }, ""],
    ["a number that is no text", { to: 6281234567890 }, ""],
    ["no code", { code: undefined }, ""],
    ["a code that is no text", { code: 482913 }, ""],
    ["a short code", { code: "123" }, ""],
    ["a long code", { code: "1234567890123456" }, ""],
    ["a code with a space", { code: "123 456" }, ""],
    ["a purpose that needs a binding", {}, "?purpose=transaction"],
  ])("answers 422 to a message with %s", async (_, fields, query) => {
    const answer = await send(platform, { to: newNumber(), id: "m-1", ...fields }, query);
    expect(refusalOf(platform, answer)).toBe(422);
    expect(deployment.graphCalls).toEqual([]);
  });

  it.each([
    ["a number that is not possible", { to: "+1555" }, ""],
    ["an unknown purpose", {}, "?purpose=lottery"],
    ["an unknown parameter", {}, "?purpos=login"],
  ])("refuses %s", async (_, fields, query) => {
    const answer = await send(platform, { to: newNumber(), id: "m-1", ...fields }, query);
    expect(refusalOf(platform, answer)).toBe(platform === "supabase" ? 422 : 400);
    expect(deployment.graphCalls).toEqual([]);
  });

  it("takes the purpose of its address before that of the message", async () => {
    const starts = recordStarts();
    await send(platform, { to: newNumber(), id: "m-1" }, "?purpose=recovery");
    expect(starts).toMatchObject([{ purpose: "recovery" }]);
  });

  it("reads a number of bare digits, and ignores a locale and an address that are none", async () => {
    const starts = recordStarts();
    const to = newNumber();
    await send(platform, { to: to.slice(1), id: "m-1", locale: "not a tag!", ip: "here" });
    expect(starts).toMatchObject([{ to, locale: null, asker: { client: { ip: null } } }]);
  });

  it("accepts a code that is shorter than the policy's, and sends letters in their case", async () => {
    const to = newNumber();
    await send(platform, { to, id: "m-1", code: "aB3d" });
    expect((await messagesTo(deployment, to)).map(({ code }) => code)).toEqual(["aB3d"]);
  });

  it("reads a body of 256 KB and none that is larger", async () => {
    const to = newNumber();
    const more = (kilobytes: number) => "x".repeat(kilobytes * 1024);
    expect((await send(platform, { to, id: "m-1", more: more(255) })).text).toBe(sentAnswer(platform));
    const large = await send(platform, { to, id: "m-2", more: more(256) });
    expect(refusalOf(platform, large)).toBe(platform === "supabase" ? 422 : 413);
  });

  it("logs the result and the masked number", async () => {
    const to = newNumber();
    await send(platform, { to, id: "m-1" });
    const lines = deployment.logLines.map((line) => JSON.parse(line));
    const [line] = lines.filter(({ message }) => message === "request");
    expect(line).toMatchObject({ route: `POST /hooks/${platform}`, status: 200, outcome: "sent" });
    expect(line.to).toContain("*");
  });

  it("costs two calls to the number's object and one to WhatsApp, and reads no KV when it is warm", async () => {
    await send(platform, { to: newNumber(), id: "m-1" });
    const calls = (["start", "settle", "resend", "check", "get"] as const).map((method) =>
      vi.spyOn(PhoneNumber.prototype, method),
    );
    const reads = [env.TEMPLATES, env.API_KEYS, env.GUARD_LISTS].map((kv) => vi.spyOn(kv, "get"));
    deployment.graphCalls.length = 0;
    await send(platform, { to: newNumber(), id: "m-2" });
    const count = (spies: readonly { readonly mock: { readonly calls: readonly unknown[] } }[]) =>
      spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    expect([count(calls), deployment.graphCalls.length, count(reads)]).toEqual([2, 1, 0]);
  });
});

describe("A message's id", () => {
  it.each(WITH_ID)("is remembered for a day, also with other bytes: %s", async (platform) => {
    const pass = stopTime();
    const to = newNumber();
    await send(platform, { to, id: "m-1" });
    pass(DAY - SECOND);
    const again = await send(platform, { to, id: "m-1", more: "other bytes" });
    expect(again.text).toBe(sentAnswer(platform));
    expect(deployment.graphCalls).toHaveLength(1);
    pass(SECOND);
    await send(platform, { to, id: "m-1" });
    expect(deployment.graphCalls).toHaveLength(2);
  });

  it("is another one's for another platform", async () => {
    const to = newNumber();
    await send("cognito", { to, id: "m-1" }, "?purpose=login");
    vi.useFakeTimers({ now: Date.now() + 30 * SECOND, toFake: ["Date"] });
    await send("clerk", { to, id: "m-1" }, "?purpose=login");
    expect(deployment.graphCalls).toHaveLength(2);
  });
});

describe("A message without an id", () => {
  it.each(WITHOUT_ID)("is remembered by its bytes for a minute: %s", async (platform) => {
    const pass = stopTime();
    const to = newNumber();
    await send(platform, { to });
    pass(59 * SECOND);
    await send(platform, { to });
    expect(deployment.graphCalls).toHaveLength(1);
    pass(SECOND);
    await send(platform, { to });
    expect(deployment.graphCalls).toHaveLength(2);
  });

  it("is remembered by its bytes for a minute where an older Supabase sends no id", async () => {
    const pass = stopTime();
    const to = newNumber();
    await send("supabase", { to });
    await send("supabase", { to });
    expect(deployment.graphCalls).toHaveLength(1);
    pass(60 * SECOND);
    await send("supabase", { to });
    expect(deployment.graphCalls).toHaveLength(2);
  });

  it("is another one where a field differs that is not read", async () => {
    const pass = stopTime();
    const to = newNumber();
    await send("fusionauth", { to, more: 1 });
    pass(30 * SECOND);
    await send("fusionauth", { to, more: 2 });
    expect(deployment.graphCalls).toHaveLength(2);
  });
});

describe("The purpose of a message", () => {
  const message = { number: null, code: null, locale: null, ip: null, id: null, purpose: "signup" };
  const policies = (...names: string[]) => new Map(names.map((name) => [name, DEFAULT_POLICY]));

  it("is that of its type, and login where the deployment has no such purpose", () => {
    expect(purposeOf(undefined, message, policies("login", "signup"))).toBe("signup");
    expect(purposeOf(undefined, message, policies("login"))).toBe("login");
    expect(purposeOf(undefined, { ...message, purpose: null }, policies("login"))).toBe("login");
  });
});

describe("A hook's API key", () => {
  const body = JSON.stringify({ recipient: "+62812", code: "482913" });
  const keyed = PLATFORMS.filter(
    (platform) => !["supabase", "zitadel", "clerk", "authgear"].includes(platform),
  );

  it.each(keyed)("is a bearer token or the password of Basic for %s", async (platform) => {
    const key = await keyWith(["hooks"]);
    for (const authorization of [`Bearer ${key}`, `Basic ${btoa(`sandi:${key}`)}`]) {
      const text = JSON.stringify(bodyOf(platform, { to: newNumber() }));
      expect((await post(platform, text, { authorization })).status).toBe(200);
    }
  });

  it("needs the scope hooks, which verifications does not include", async () => {
    const key = await keyWith(["verifications", "admin"]);
    const answer = await post("kratos", body, { authorization: `Bearer ${key}` });
    expect(answer).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });

  it("starts a verification of the key's own app", async () => {
    const to = newNumber();
    const key = await keyWith(["hooks"], "shop");
    const text = JSON.stringify(bodyOf("logto", { to }));
    await post("logto", text, { authorization: `Bearer ${key}` });
    const { body } = await api("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
    expect(body.data).toMatchObject([{ app: "shop" }]);
  });

  it("opens nothing else with the scope hooks", async () => {
    const headers = { authorization: `Bearer ${await keyWith(["hooks"])}` };
    expect((await start({ to: newNumber() }, headers)).status).toBe(403);
    expect((await api("GET", "/v1/stats", undefined, headers)).status).toBe(403);
    expect((await api("GET", "/health", undefined, headers)).text).toBe('{"status":"ok"}');
  });
});

describe("A hook", () => {
  it("logs a send that fails after its answer", async () => {
    const hanging = hangWhatsApp(deployment);
    vi.spyOn(PhoneNumber.prototype, "settle").mockImplementation(() => {
      throw new Error("A fault of the object");
    });
    expect((await send("kratos", { to: newNumber() })).text).toBe("{}");
    hanging.release();
    await vi.waitFor(() =>
      expect(deployment.logLines.join("\n")).toContain("A hook's message failed after its answer"),
    );
  });

  it("is not found where its platform is none", async () => {
    const answer = await post("myspace", "{}", { authorization: `Bearer ${env.ADMIN_KEY}` });
    expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});
