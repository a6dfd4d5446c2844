import { describe, expect, it, vi } from "vitest";
import { toVerificationSid } from "../../../src/http/twilio-verify/spelling.ts";
import { parseVerificationId } from "../../../src/ids/verification-id.ts";
import { api, codeSentTo, messagesTo, newNumber, useDeployment } from "../../deployment.ts";
import { ACCOUNT, basic, create, type Form, twilio } from "./rig.ts";

const deployment = useDeployment();
const SECOND = 1000;

/** The same verification as the API shows it. */
async function shown(to: string) {
  const { body } = await api("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
  return body.data[0];
}

describe("A verification that is started as Twilio does", () => {
  it("is answered with 201 in Twilio's shape, and its code arrives", async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 15, 45, 42, 495), toFake: ["Date"] });
    const to = newNumber();
    const { status, headers, body } = await create({ To: to });
    const sid = toVerificationSid(parseVerificationId((await shown(to)).id) ?? expect.fail());
    expect(status).toBe(201);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("sandi-ignored")).toBeNull();
    expect(body).toEqual({
      sid,
      service_sid: "login",
      account_sid: ACCOUNT,
      to,
      channel: "whatsapp",
      status: "pending",
      valid: false,
      lookup: {},
      amount: null,
      payee: null,
      send_code_attempts: [
        {
          time: "2026-11-23T15:45:42.495Z",
          channel: "whatsapp",
          attempt_sid: expect.stringMatching(/^VL[0-9a-f]{32}$/),
        },
      ],
      sna: null,
      date_created: "2026-11-23T15:45:42Z",
      date_updated: "2026-11-23T15:45:42Z",
      url: `https://sandi.test/twilio/v2/Services/login/Verifications/${sid}`,
    });
    expect(sid).toMatch(/^VE[0-9a-f]{32}$/);
    expect(await codeSentTo(deployment, to)).toMatch(/^\d{6}$/);
    expect(await shown(to)).toMatchObject({ purpose: "login", metadata: {} });
  });

  it("is sent again while it is pending, with another attempt of its own SID", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    const first = await create({ To: to });
    vi.setSystemTime(Date.now() + 30 * SECOND);
    const second = await create({ To: to });
    expect([second.status, second.body.sid]).toEqual([201, first.body.sid]);
    const attempts = second.body.send_code_attempts;
    expect(attempts).toHaveLength(2);
    expect(attempts[0]).toEqual(first.body.send_code_attempts[0]);
    expect(attempts[1].attempt_sid).not.toBe(attempts[0].attempt_sid);
    const [newer, older] = await messagesTo(deployment, to);
    expect(newer?.code).toBe(older?.code);
  });

  it.each([
    ["a locale", { Locale: "pt-BR" }, "login", { locale: "pt-BR" }],
    ["tags", { Tags: '{"order":"A-77","tries":2}' }, "login", { metadata: { order: "A-77", tries: "2" } }],
    [
      "an amount and a payee",
      { Amount: "€1,039.99", Payee: "Acme" },
      "transaction",
      { bind: { amount: "1039.99", currency: "EUR", payee: "Acme" } },
    ],
    ["WhatsApp, then what else the policy names", { Channel: "whatsapp" }, "either", { channel: "whatsapp" }],
    ["SMS", { Channel: "sms" }, "either", { channel: "sms" }],
    ["the channels of the policy", { Channel: "auto" }, "either", { channel: "whatsapp" }],
  ])("takes %s", async (_, form, service, expected) => {
    const to = newNumber();
    expect((await create({ To: to, ...(form as Form) }, service)).status).toBe(201);
    expect(await shown(to)).toMatchObject(expected);
  });

  it("falls back from WhatsApp to what else the policy names", async () => {
    const to = newNumber();
    vi.mocked(fetch).mockImplementationOnce(async () =>
      Response.json({ error: { code: 131026 } }, { status: 400 }),
    );
    const { body } = await create({ To: to }, "either");
    expect(body.channel).toBe("sms");
    expect(body.send_code_attempts.map(({ channel }: { channel: string }) => channel)).toEqual([
      "whatsapp",
      "SMS",
    ]);
  });

  it("takes a custom code and sends it as it is given", async () => {
    const to = newNumber();
    await create({ To: to, CustomCode: "Ab12Cd" });
    expect(await codeSentTo(deployment, to)).toBe("Ab12Cd");
  });

  it("counts by the values of RateLimits, whose names it reads in lower case", async () => {
    const RateLimits = '{"Account":"u_7"}';
    for (let sends = 0; sends < 10; sends += 1) await create({ To: newNumber(), RateLimits });
    const { status, headers, body } = await create({ To: newNumber(), RateLimits });
    expect([status, body.code]).toEqual([429, 20429]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await create({ To: newNumber(), RateLimits: '{"Account":"u_8"}' })).status).toBe(201);
  });

  it("counts by the network of DeviceIp", async () => {
    const DeviceIp = "203.0.113.77";
    const statuses: number[] = [];
    for (let sends = 0; sends < 40; sends += 1) {
      statuses.push((await create({ To: newNumber(), DeviceIp })).status);
    }
    expect(statuses.at(0)).toBe(201);
    expect(statuses.at(-1)).toBe(429);
  });

  it("names in a header the parameters that have no effect", async () => {
    const ignored = {
      CustomFriendlyName: "Acme",
      CustomMessage: "Your code",
      SendDigits: "ww1234#",
      AppHash: "He42w354ol9",
      TemplateSid: "HJ0",
      TemplateCustomSubstitutions: "{}",
      Templates: "[]",
      ChannelConfiguration: "{}",
      RiskCheck: "enable",
      EnableSnaClientToken: "false",
      "Risk.TelemetryId": "x",
    };
    const { status, headers } = await create({ To: newNumber(), ...ignored });
    expect(status).toBe(201);
    expect(headers.get("sandi-ignored")?.split(", ")).toEqual(Object.keys(ignored));
  });

  it("echoes an amount as it is given", async () => {
    const to = newNumber();
    const form = { To: to, Amount: "Rp 150000", Payee: "Toko Maju" };
    expect((await create(form, "transaction")).body).toMatchObject({
      amount: "Rp 150000",
      payee: "Toko Maju",
    });
    expect((await twilio("GET", `/Services/transaction/Verifications/${to}`)).body).toMatchObject({
      amount: "IDR 150000",
      payee: "Toko Maju",
    });
  });

  it.each([
    ["no number", { To: "" }, 60200, "`To`"],
    ["a number that is none", { To: "+1555" }, 60200, "`To`"],
    ["a locale that is none", { Locale: "no locale" }, 60200, "`Locale`"],
    ["a code with other characters", { CustomCode: "12-34" }, 60200, "`CustomCode`"],
    ["a code that is too long", { CustomCode: "12345678901" }, 60200, "`CustomCode`"],
    ["a code that is shorter than the purpose's", { CustomCode: "12345" }, 60200, "`CustomCode`"],
    ["an amount that is none", { Amount: "1.000,00", Payee: "Acme" }, 60200, "`Amount`"],
    ["an amount without a payee", { Amount: "1" }, 60206, "Payee"],
    ["a payee without an amount", { Payee: "Acme" }, 60206, "Amount"],
    ["a limit that is no object", { RateLimits: "[]" }, 60200, "`RateLimits`"],
    ["a limit with a name that is none", { RateLimits: '{"a b":"1"}' }, 60200, "`RateLimits`"],
    ["tags that are no JSON", { Tags: "order=1" }, 60200, "`Tags`"],
    ["an address that is none", { DeviceIp: "localhost" }, 60200, "`DeviceIp`"],
    ["a channel that there is none of", { Channel: "call" }, 60223, "`Channel`"],
    ["a channel that the policy does not name", { Channel: "sms" }, 60223, "`Channel`"],
    ["an unknown parameter", { Colour: "red" }, 60200, "`Colour`"],
    ["an unknown parameter of risk", { "Risk.\n": "x" }, 60200, "Risk"],
  ])("is refused with %s, which the error names", async (_, form, code, named) => {
    const { status, body } = await create({ To: newNumber(), ...(form as Form) });
    expect(body).toEqual({
      code,
      message: expect.stringContaining(named),
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status: 400,
    });
    expect(status).toBe(400);
    expect(deployment.graphCalls).toEqual([]);
  });

  it("is refused without a channel, which Twilio requires", async () => {
    const { status, body } = await twilio("POST", "/Services/login/Verifications", { To: newNumber() });
    expect([status, body.code, body.message]).toEqual([
      400,
      60200,
      "Invalid parameter `Channel`: It is required.",
    ]);
  });

  it("has every fault named at once, without the values", async () => {
    const { body } = await create({
      To: "+1555",
      Locale: "x y",
      Colour: "red",
      Tags: '{"+6281234567890":{}}',
    });
    for (const name of ["To", "Locale", "Colour", "Tags"]) expect(body.message).toContain(`\`${name}\``);
    expect(body.message).not.toContain("6281234567890");
  });

  it("is refused without a binding where the purpose needs one", async () => {
    const { status, body } = await create({ To: newNumber() }, "transaction");
    expect([status, body.code]).toEqual([400, 60206]);
  });

  it("belongs to the app of its key", async () => {
    const { body: made } = await api("POST", "/v1/keys", {
      name: "shop",
      scopes: ["verifications"],
      app: "shop",
    });
    const shop = basic(made.key);
    const to = newNumber();
    const { body } = await create({ To: to }, "login", shop);
    expect(await shown(to)).toMatchObject({ app: "shop" });
    const path = `/Services/login/Verifications/${body.sid}`;
    expect((await twilio("GET", path, undefined, shop)).status).toBe(200);
    const { body: other } = await api("POST", "/v1/keys", { name: "other", scopes: ["verifications"] });
    for (const method of ["GET", "POST"] as const) {
      const form = method === "POST" ? { Status: "canceled" } : undefined;
      expect((await twilio(method, path, form, basic(other.key))).status).toBe(404);
      const byNumber = `/Services/login/Verifications/${to}`;
      expect((await twilio(method, byNumber, form, basic(other.key))).status).toBe(404);
    }
  });

  it("has a log line with the pattern of its route and the number masked", async () => {
    const to = newNumber();
    const { body } = await create({ To: to });
    await twilio("GET", `/Services/login/Verifications/${to}`);
    const lines = deployment.logLines.filter((line) => line.includes('"message":"request"'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        route: "POST /twilio/v2/Services/{ServiceSid}/Verifications",
        outcome: "started",
        to: `+62*********${to.slice(-2)}`,
      },
      { route: "GET /twilio/v2/Services/{ServiceSid}/Verifications/{Sid}", outcome: "pending" },
    ]);
    for (const secret of [to.slice(1), body.sid, await codeSentTo(deployment, to)]) {
      expect(lines.join()).not.toContain(secret);
    }
  });

  it("needs a service that there is", async () => {
    const { status, body } = await create({ To: newNumber() }, "nothing");
    expect([status, body.code]).toEqual([404, 20404]);
  });
});
