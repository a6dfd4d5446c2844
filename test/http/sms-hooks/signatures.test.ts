import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { createApp } from "../../../src/app.ts";
import { deploy } from "../../../src/deployment.ts";
import { messagesTo, newNumber, useDeployment } from "../../deployment.ts";
import { CLERK_SECRET, SUPABASE_SECRET, ZITADEL_KEY } from "../../world/settings.ts";
import {
  type HookHeaders,
  post,
  signedByAuthgear,
  signedByClerk,
  signedBySupabase,
  signedByZitadel,
} from "./rig.ts";

const deployment = useDeployment();
const MINUTE = 60_000;
const OTHER_SECRET = `v1,whsec_${btoa("another-supabase-secret-0123456789-")}`;
const OTHER_KEY = "another-zitadel-signing-key-0123456789";

const bodies = {
  supabase: () => JSON.stringify({ sms: { phone: newNumber(), otp: "561166" } }),
  zitadel: () =>
    JSON.stringify({ contextInfo: { recipientPhoneNumber: newNumber() }, args: { oTP: "64883313" } }),
  clerk: () =>
    JSON.stringify({
      type: "sms.created",
      data: { id: "sms_1", to_phone_number: newNumber(), message: "@a #482913", delivered_by_clerk: false },
    }),
  authgear: () => JSON.stringify({ to: newNumber(), template_variables: { code: "482913" } }),
};
type Signing = keyof typeof bodies;
const signers: Readonly<Record<Signing, (text: string, now: number) => HookHeaders>> = {
  supabase: (text, now) => signedBySupabase(text, [SUPABASE_SECRET], now),
  zitadel: (text, now) => signedByZitadel(text, [ZITADEL_KEY], now),
  clerk: signedByClerk,
  authgear: signedByAuthgear,
};
const NAMES = Object.keys(bodies) as Signing[];
/** Authgear signs the body alone. */
const WITH_TIME = NAMES.filter((platform) => platform !== "authgear");

describe.each(WITH_TIME)("The time of the signature of %s", (platform) => {
  const sign = signers[platform];

  it.each([
    ["five minutes ago", -5 * MINUTE + 5_000],
    ["five minutes ahead", 5 * MINUTE - 5_000],
  ])("is accepted when its time is %s", async (_, offset) => {
    const text = bodies[platform]();
    expect((await post(platform, text, sign(text, Date.now() + offset))).status).toBe(200);
    expect(deployment.graphCalls).toHaveLength(1);
  });

  it.each([
    ["six minutes ago", -6 * MINUTE],
    ["six minutes ahead", 6 * MINUTE],
  ])("is refused when its time is %s", async (_, offset) => {
    const text = bodies[platform]();
    expect((await post(platform, text, sign(text, Date.now() + offset))).status).toBe(401);
    expect(deployment.graphCalls).toEqual([]);
  });
});

describe.each(NAMES)("The signature of %s", (platform) => {
  const sign = signers[platform];

  it.each([
    ["no signature", () => ({})],
    ["the admin key", () => ({ authorization: `Bearer ${env.ADMIN_KEY}` })],
    ["the signature of another body", (text: string) => sign(`${text} `, Date.now())],
    [
      "the signature of another platform",
      (text: string) => (platform === "zitadel" ? signedBySupabase(text) : signedByZitadel(text)),
    ],
    [
      "garbage in its headers",
      () => ({
        "zitadel-signature": "t=,v1=,v1=zz,,t=9",
        "webhook-id": "x",
        "webhook-timestamp": "x",
        "webhook-signature": ",,, v1",
        "svix-id": "x",
        "svix-timestamp": "1e3",
        "svix-signature": "v1,",
        "x-authgear-body-signature": "zz",
      }),
    ],
  ])("answers 401 to %s, before the body is parsed", async (_, headers) => {
    expect((await post(platform, "{", headers("{"))).status).toBe(401);
    const text = bodies[platform]();
    expect((await post(platform, text, headers(text))).status).toBe(401);
    expect(deployment.graphCalls).toEqual([]);
  });

  it("is checked over the bytes, before they are read as JSON", async () => {
    const answer = await post(platform, "{", sign("{", Date.now()));
    expect(JSON.stringify(answer.body)).toContain("JSON");
  });

  it("answers 404 in a deployment without a secret of the platform", async () => {
    const none = {
      SUPABASE_HOOK_SECRET: "",
      ZITADEL_SIGNING_KEY: "",
      CLERK_WEBHOOK_SECRET: "",
      AUTHGEAR_WEBHOOK_SECRET: "",
    };
    const { fetch } = createApp(deploy({ ...env, ...none }));
    const text = bodies[platform]();
    const request = new Request(`https://sandi.test/hooks/${platform}`, {
      method: "POST",
      headers: sign(text, Date.now()),
      body: text,
    });
    const response = await fetch(request, {} as ExecutionContext);
    expect(response.status).toBe(404);
    expect(deployment.graphCalls).toEqual([]);
  });
});

describe("While one secret replaces another", () => {
  /** The app of a deployment with these secrets. */
  const appWith = (values: object) => createApp(deploy({ ...env, ...values }));

  const postTo = (app: ReturnType<typeof createApp>, path: string, text: string, headers: HookHeaders) =>
    app.fetch(new Request(`https://sandi.test/hooks/${path}`, { method: "POST", headers, body: text }), {
      waitUntil: () => {},
    } as unknown as ExecutionContext);

  it("Supabase may sign with both, with either one, and with no other", async () => {
    const both = appWith({ SUPABASE_HOOK_SECRET: `${OTHER_SECRET}|${SUPABASE_SECRET}` });
    for (const secrets of [[OTHER_SECRET, SUPABASE_SECRET], [OTHER_SECRET], [SUPABASE_SECRET]]) {
      const text = bodies.supabase();
      expect((await postTo(both, "supabase", text, signedBySupabase(text, secrets))).status).toBe(200);
    }
    const text = bodies.supabase();
    const third = signedBySupabase(text, [`v1,${CLERK_SECRET}`]);
    expect((await postTo(both, "supabase", text, third)).status).toBe(401);
  });

  it("one of Supabase's signatures is enough, whether spaces or commas with spaces separate them", async () => {
    for (const separator of [" ", ", "]) {
      const text = bodies.supabase();
      const headers = signedBySupabase(text, [OTHER_SECRET, SUPABASE_SECRET]);
      const signatures = (headers["webhook-signature"] ?? "").replaceAll(", ", separator);
      expect((await post("supabase", text, { ...headers, "webhook-signature": signatures })).status).toBe(
        200,
      );
    }
    expect(deployment.graphCalls).toHaveLength(2);
  });

  it("any of Zitadel's signatures and any of the keys will do", async () => {
    const both = appWith({ ZITADEL_SIGNING_KEY: `${OTHER_KEY}|${ZITADEL_KEY}` });
    for (const keys of [["unknown", ZITADEL_KEY], [OTHER_KEY], [ZITADEL_KEY]]) {
      const text = bodies.zitadel();
      expect((await postTo(both, "zitadel", text, signedByZitadel(text, keys))).status).toBe(200);
    }
    const text = bodies.zitadel();
    expect((await postTo(both, "zitadel", text, signedByZitadel(text, ["unknown"]))).status).toBe(401);
  });
});

describe("Supabase", () => {
  it("repeats a call under a new webhook-id, and the message is sent once", async () => {
    const to = newNumber();
    const text = JSON.stringify({ metadata: { uuid: "u-1" }, sms: { phone: to.slice(1), otp: "561166" } });
    const first = signedBySupabase(text);
    const second = signedBySupabase(text, [SUPABASE_SECRET], Date.now() + 2_000);
    expect(first["webhook-id"]).not.toBe(second["webhook-id"]);
    for (const headers of [first, second]) expect((await post("supabase", text, headers)).text).toBe("{}");
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("may repeat a call while the first one runs", async () => {
    const to = newNumber();
    const text = JSON.stringify({ metadata: { uuid: "u-1" }, sms: { phone: to, otp: "561166" } });
    let meanwhile: Promise<unknown> | undefined;
    vi.mocked(fetch).mockImplementationOnce(async (input, init) => {
      const request = new Request(input, init);
      meanwhile = post("supabase", text, signedBySupabase(text));
      expect(await meanwhile).toMatchObject({ status: 200, text: "{}" });
      return deployment.simulator.app.fetch(request);
    });
    expect((await post("supabase", text, signedBySupabase(text))).text).toBe("{}");
    expect(meanwhile).toBeDefined();
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });
});
