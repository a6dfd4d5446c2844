import { beforeEach, describe, expect, it, vi } from "vitest";
import { codeSentTo, control, messagesTo, newNumber, useDeployment } from "../../deployment.ts";
import { alarmOf, BRAND, steps, UUID, VonageService } from "./vonage-service.ts";

const VETO_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

const deployment = useDeployment();
let service: VonageService;
let to = "";

beforeEach(() => {
  service = new VonageService();
  to = newNumber();
});

describe("A request of Vonage's", () => {
  it("is answered with 202 and a UUID, and its code is on its way", async () => {
    const { status, headers, body } = await service.start(steps(to, "whatsapp"));
    expect([status, headers.get("content-type"), Object.keys(body)]).toEqual([
      202,
      "application/json",
      ["request_id"],
    ]);
    expect(body.request_id).toMatch(UUID);
    expect(await codeSentTo(deployment, to)).toMatch(/^\d{6}$/);
  });

  it.each(["", "+"])("may name the number with %j before it", async (plus) => {
    const { status } = await service.start([{ channel: "whatsapp", to: plus + to.slice(1) }]);
    expect([status, (await messagesTo(deployment, to)).length]).toEqual([202, 1]);
  });

  it.each<[string[], string]>([
    [["whatsapp", "sms"], "whatsapp"],
    [["sms", "whatsapp"], "sms"],
    [["sms"], "sms"],
    [["voice", "sms", "whatsapp"], "sms"],
  ])("with the steps %j begins on the first that is served", async (channels, first) => {
    expect((await service.start(steps(to, ...channels))).status).toBe(202);
    const [message, ...others] = await messagesTo(deployment, to);
    expect([message?.channel, others.length]).toEqual([first, 0]);
  });

  it("falls back to its next step when the first fails, and to none when it has no other", async () => {
    const refusal = { fail_next: [{ http_status: 400, code: 131026 }] };
    await control(deployment, "PUT", "/behaviour", refusal);
    expect((await service.start(steps(to, "whatsapp", "sms"))).status).toBe(202);
    expect((await messagesTo(deployment, to)).map(({ channel }) => channel)).toEqual(["sms"]);
    await control(deployment, "PUT", "/behaviour", refusal);
    const alone = await service.start(steps(newNumber(), "whatsapp"));
    expect([alone.status, alone.body.type.split("#")[1]]).toEqual([502, "channel-failed"]);
  });

  it("has the purpose login with an API key, and comes by vonage", async () => {
    await service.start(steps(to, "whatsapp"));
    expect(await service.shown(to)).toMatchObject({
      purpose: "login",
      via: "vonage",
      status: "pending",
      metadata: {},
    });
  });

  it("keeps client_ref as metadata", async () => {
    await service.start(steps(to, "whatsapp"), { client_ref: "order-77" });
    expect((await service.shown(to)).metadata).toEqual({ client_ref: "order-77" });
  });

  it.each(["id", "id-id", "ID-ID", "pt-br", "zh-Hant-tw"])(
    "takes the locale %s in any case",
    async (locale) => {
      expect((await service.start(steps(to, "whatsapp"), { locale })).status).toBe(202);
      const shown = (await service.shown(to)).locale;
      expect(shown.toLowerCase()).toBe(locale.toLowerCase());
      expect(shown).toBe(new Intl.Locale(locale).toString());
    },
  );

  it.each(["482913", "aBc123XYz0"])(
    "sends the code %s that it brings as it is given, and accepts it",
    async (code) => {
      const { body } = await service.start(steps(to, "whatsapp"), { code });
      expect(await codeSentTo(deployment, to)).toBe(code);
      expect((await service.check(body.request_id, code.toLowerCase())).status).toBe(200);
    },
  );

  it.each([
    [4, 6, ["brand", "code_length"]],
    [5, 6, ["brand", "code_length"]],
    [6, 6, ["brand"]],
    [7, 7, ["brand"]],
    [10, 10, ["brand"]],
  ])(
    "with a code_length of %i has a code of %i digits, where the policy asks for six",
    async (asked, length, ignored) => {
      const { headers } = await service.start(steps(to, "whatsapp"), { code_length: asked });
      expect(await codeSentTo(deployment, to)).toHaveLength(length);
      expect(headers.get("sandi-ignored")?.split(", ")).toEqual(ignored);
    },
  );

  it.each([
    [15, 15],
    [300, 300],
    [900, 300],
  ])(
    "with a channel_timeout of %i s goes on to its next step after %i s of silence",
    async (timeout, seconds) => {
      vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
      await service.start(steps(to, "whatsapp", "sms"), { channel_timeout: timeout });
      const alarm = await alarmOf(await service.shown(to));
      expect((alarm ?? 0) - Date.now()).toBe(seconds * 1000);
    },
  );

  it("while one is running for the number is refused with 409 and its id, and sends nothing", async () => {
    const first = await service.start(steps(to, "whatsapp"));
    const second = await service.start(steps(to, "sms"), { code: "482913" });
    expect(second).toMatchObject({
      status: 409,
      body: { title: "Conflict", request_id: first.body.request_id },
    });
    expect(second.body.type).toMatch(/#conflict$/);
    expect(await messagesTo(deployment, to)).toHaveLength(1);
    expect(deployment.logLines.join()).toContain('"outcome":"already_pending"');
  });

  it("is refused with 409 as well while one of the native API is running, and with its id", async () => {
    const { body } = await service.native.start({ to });
    const { status, body: conflict } = await service.start(steps(to, "whatsapp"));
    expect([status, conflict.request_id]).toEqual([409, expect.stringMatching(UUID)]);
    expect((await service.check(conflict.request_id, await codeSentTo(deployment, to))).status).toBe(200);
    expect((await service.native.call("GET", `/v1/verifications/${body.id}`)).body.status).toBe("approved");
  });

  it("does not conflict with one of another purpose", async () => {
    await service.native.start({ to, purpose: "recovery" });
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ["Date"] });
    expect((await service.start(steps(to, "whatsapp"))).status).toBe(202);
  });

  it("names what it ignores in Sandi-Ignored, and nothing else", async () => {
    const workflow = [
      { channel: "silent_auth", to, redirect_url: "https://example.com", sandbox: true },
      { channel: "whatsapp", to, from: "6280987654321" },
      { channel: "email", to: "ana@example.com" },
      { channel: "sms", to, from: "ACME", app_hash: "12345678901", entity_id: "1", content_id: "2" },
      { channel: "whatsapp", to },
    ];
    const more = { template_id: "t", fraud_check: false, code: "48291355", code_length: 8, client_ref: "a" };
    const { status, headers } = await service.start(workflow, more);
    expect(status).toBe(202);
    expect(headers.get("sandi-ignored")?.split(", ").sort()).toEqual(
      [
        "brand",
        "code_length",
        "fraud_check",
        "template_id",
        "workflow[0]",
        "workflow[1].from",
        "workflow[2]",
        "workflow[3].app_hash",
        "workflow[3].content_id",
        "workflow[3].entity_id",
        "workflow[3].from",
        "workflow[4]",
      ].sort(),
    );
  });
});

describe("The input of a request", () => {
  const step = () => ({ channel: "whatsapp", to });
  const one = () => ({ brand: BRAND, workflow: [step()] });

  it.each<[string, () => object]>([
    ["a brand of one character", () => ({ brand: "A" })],
    ["a brand of 16 characters", () => ({ brand: "x".repeat(16) })],
    ["five steps", () => ({ workflow: Array(5).fill(step()) })],
    ["the shortest client_ref", () => ({ client_ref: "1" })],
    ["the longest client_ref", () => ({ client_ref: "x".repeat(16) })],
    ["the longest code", () => ({ code: "1234567890" })],
  ])("may have %s", async (_, changes) => {
    expect((await service.call("POST", "", { ...one(), ...changes() })).status).toBe(202);
  });

  it.each<[string, () => object, string]>([
    ["no brand", () => ({ brand: undefined }), "brand"],
    ["an empty brand", () => ({ brand: "" }), "brand"],
    ["a brand of 17 characters", () => ({ brand: "x".repeat(17) }), "brand"],
    ["no workflow", () => ({ workflow: undefined }), "workflow"],
    ["an empty workflow", () => ({ workflow: [] }), "workflow"],
    ["six steps", () => ({ workflow: Array(6).fill(step()) }), "workflow"],
    ["a step that is none", () => ({ workflow: ["sms"] }), "workflow[0]"],
    ["a step without a channel", () => ({ workflow: [{ to }] }), "workflow[0].channel"],
    [
      "a step of a channel that Vonage does not have",
      () => ({ workflow: [{ channel: "pigeon", to }] }),
      "workflow[0].channel",
    ],
    ["a step without a number", () => ({ workflow: [step(), { channel: "sms" }] }), "workflow[1].to"],
    ["a number as a number", () => ({ workflow: [{ channel: "sms", to: 6281234567890 }] }), "workflow[0].to"],
    ["a number that is impossible", () => ({ workflow: [{ channel: "sms", to: "62" }] }), "workflow[0].to"],
    [
      "a number with 00 before it",
      () => ({ workflow: [{ channel: "sms", to: "006281234567890" }] }),
      "workflow[0].to",
    ],
    ["an unknown field in a step", () => ({ workflow: [{ ...step(), mode: "fast" }] }), "workflow[0].mode"],
    [
      "steps to different numbers",
      () => ({ workflow: [step(), { channel: "sms", to: newNumber() }] }),
      "workflow",
    ],
    [
      "no step that is served",
      () => ({
        workflow: [
          { channel: "voice", to },
          { channel: "rcs", to },
        ],
      }),
      "workflow",
    ],
    ["a code of three characters", () => ({ code: "123" }), "code"],
    ["a code of eleven characters", () => ({ code: "12345678901" }), "code"],
    ["a code with a hyphen", () => ({ code: "123-456" }), "code"],
    ["a code that is shorter than the policy's", () => ({ code: "1234" }), "code"],
    ["a code_length of 3", () => ({ code_length: 3 }), "code_length"],
    ["a code_length of 11", () => ({ code_length: 11 }), "code_length"],
    ["a code_length as a text", () => ({ code_length: "6" }), "code_length"],
    ["a channel_timeout of 14", () => ({ channel_timeout: 14 }), "channel_timeout"],
    ["a channel_timeout of 901", () => ({ channel_timeout: 901 }), "channel_timeout"],
    ["a channel_timeout that is no whole number", () => ({ channel_timeout: 60.5 }), "channel_timeout"],
    ["a locale that is none", () => ({ locale: "english!" }), "locale"],
    ["an empty client_ref", () => ({ client_ref: "" }), "client_ref"],
    ["a client_ref of 17 characters", () => ({ client_ref: "x".repeat(17) }), "client_ref"],
    ["an unknown parameter", () => ({ pin_expiry: 60 }), "pin_expiry"],
  ])("with %s is answered with 422 and the parameter's name, and sends nothing", async (_, changes, name) => {
    const { status, body, text } = await service.call("POST", "", { ...one(), ...changes() });
    expect([status, body.type.split("#")[1]]).toEqual([422, "invalid-params"]);
    expect(body.invalid_parameters.map((fault: { name: string }) => fault.name)).toContain(name);
    expect(text).not.toContain(to.slice(1));
    expect(await messagesTo(deployment, to)).toHaveLength(0);
  });

  it("has all its faults named at once", async () => {
    const { body } = await service.call("POST", "", { brand: "", workflow: [{ channel: "sms" }], code: "1" });
    expect(body.invalid_parameters.map(({ name }: { name: string }) => name)).toEqual([
      "brand",
      "workflow[0].to",
      "code",
    ]);
  });

  it("that asks for a channel which the purpose does not have is refused with the channels that it has", async () => {
    const alone = new VonageService({ PURPOSES: { login: { channels: ["whatsapp"] } } });
    const { status, body } = await alone.start(steps(to, "whatsapp", "sms"));
    expect([status, body.invalid_parameters]).toEqual([
      422,
      [{ name: "workflow", reason: "The policy of this purpose has these channels: whatsapp." }],
    ]);
  });

  it("for a purpose that needs a binding is refused with 403, since this API cannot name one", async () => {
    const bound = new VonageService({ PURPOSES: { login: { bind_required: true } } });
    const { status, body } = await bound.start(steps(to, "whatsapp"));
    expect([status, body.type.split("#")[1]]).toEqual([403, "forbidden"]);
    expect(body.detail).toContain("login");
  });
});

describe("A start that is refused", () => {
  it.each<[string, () => VonageService, () => string]>([
    ["a range that gets no codes", () => service, () => "+881612345678"],
    [
      "the team's veto",
      () => {
        const veto = { mode: "enforce", url: "https://team.test/veto", on_failure: "deny" };
        return new VonageService({ GUARD_VETO_SECRET: VETO_SECRET }, { veto });
      },
      () => to,
    ],
  ])("by %s is answered with 403 fraud-blocked", async (_, guarded, number) => {
    const { status, body } = await guarded().start(steps(number(), "whatsapp"));
    expect([status, body.type.split("#")[1]]).toEqual([403, "fraud-blocked"]);
  });

  it("by a cap on the day's sends is answered with 429 throttled and a Retry-After", async () => {
    const capped = new VonageService({}, { caps: { sends_per_day: 1 } });
    await capped.start(steps(to, "whatsapp"));
    const { status, headers, body } = await capped.start(steps(newNumber(), "whatsapp"));
    expect([status, body.type.split("#")[1]]).toEqual([429, "throttled"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("because WhatsApp is busy is answered with 503 unavailable and a Retry-After", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131056 }] });
    const { status, headers, body } = await service.start(steps(to, "whatsapp"));
    expect([status, body.type.split("#")[1]]).toEqual([503, "unavailable"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("by the limits of a number is answered with 429 throttled and a Retry-After", async () => {
    const limited = new VonageService({ NUMBER_LIMITS: { sends: "1 per h", kept_for_known: 0 } });
    const first = await limited.start(steps(to, "whatsapp"));
    await limited.call("DELETE", `/${first.body.request_id}`);
    const { status, headers, body } = await limited.start(steps(to, "whatsapp"));
    expect([status, body.type.split("#")[1]]).toEqual([429, "throttled"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("by a lock of the number is answered with 429 throttled", async () => {
    await service.lock(to);
    const { status, body } = await service.start(steps(to, "whatsapp"));
    expect([status, body.type.split("#")[1]]).toEqual([429, "throttled"]);
  });
});
