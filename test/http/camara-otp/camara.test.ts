import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_APP, parseAppName } from "../../../src/ids/app-name.ts";
import { ApiKeys } from "../../../src/keys/api-keys.ts";
import { codeSentTo, control, messagesTo, newNumber, useDeployment } from "../../deployment.ts";
import { CamaraService, CORRELATOR, MESSAGE, WRONG } from "./camara-service.ts";

const OTP = "ONE_TIME_PASSWORD_SMS";
const VETO_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

const deployment = useDeployment();
let service: CamaraService;
let to = "";

beforeEach(() => {
  service = new CamaraService();
  to = newNumber();
});

async function sendCode(by = service): Promise<{ id: string; code: string }> {
  const { body } = await by.sendCode(to);
  return { id: body.authenticationId, code: await codeSentTo(deployment, to) };
}

/** Sets the time; only then, since a stopped clock would hide what time does. */
function wait(milliseconds: number): void {
  vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ["Date"] });
}

const resultOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

describe("A code of CAMARA's API", () => {
  it("goes over the channels of the policy, with fallback, and its message is named in Sandi-Ignored", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    const { status, headers } = await service.sendCode(to);
    expect([status, headers.get("sandi-ignored")]).toEqual([200, "message"]);
    expect((await messagesTo(deployment, to)).map(({ channel }) => channel)).toEqual(["sms"]);
  });

  it("has the purpose login, or the one of the settings", async () => {
    await sendCode();
    const other = new CamaraService({ COMPATIBILITY: { camara: { purpose: "signup" } } });
    expect((await sendCode(other)).code).toHaveLength(8);
    const { body } = await service.native.call("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
    expect(body.data.map(({ purpose, via }: Record<string, string>) => [purpose, via])).toEqual([
      ["signup", "camara"],
      ["login", "camara"],
    ]);
  });

  it("that is newer ends the one before it as canceled and superseded", async () => {
    await sendCode();
    wait(6000);
    await sendCode();
    const { body } = await service.native.call("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
    expect(body.data.map(({ status, reason }: Record<string, string>) => [status, reason])).toEqual([
      ["pending", null],
      ["canceled", "superseded"],
    ]);
  });

  it("that follows too soon is refused with 429 and a Retry-After, and the one before it still counts", async () => {
    const { id, code } = await sendCode();
    const soon = await service.sendCode(to);
    expect([...resultOf(soon), Number(soon.headers.get("retry-after")) > 0]).toEqual([
      429,
      "TOO_MANY_REQUESTS",
      true,
    ]);
    expect((await service.validateCode(id, code)).status).toBe(204);
  });

  it("whose attempts are used up answers VERIFICATION_FAILED to every check after, the right code included", async () => {
    const { id, code } = await sendCode();
    const codes = [];
    for (const attempt of [WRONG, WRONG, WRONG, WRONG, code]) {
      codes.push((await service.validateCode(id, attempt)).body.code);
    }
    expect(codes).toEqual([
      `${OTP}.INVALID_OTP`,
      `${OTP}.INVALID_OTP`,
      `${OTP}.VERIFICATION_FAILED`,
      `${OTP}.VERIFICATION_FAILED`,
      `${OTP}.VERIFICATION_FAILED`,
    ]);
    wait(3_600_000);
    expect((await service.validateCode(id, code)).body.code).toBe(`${OTP}.VERIFICATION_FAILED`);
  });

  it("that was canceled, or whose user denies the request, is VERIFICATION_EXPIRED", async () => {
    const canceled = await sendCode();
    const { body } = await service.native.call("GET", `/v1/verifications?to=${encodeURIComponent(to)}`);
    await service.native.call("DELETE", `/v1/verifications/${body.data[0].id}`);
    expect(resultOf(await service.validateCode(canceled.id, canceled.code))).toEqual([
      400,
      `${OTP}.VERIFICATION_EXPIRED`,
    ]);
    wait(6000);
    const denied = await sendCode();
    const [message] = await messagesTo(deployment, to);
    const tap = { from: to, button_payload: "DID_NOT_REQUEST_CODE", context_id: message?.id };
    await control(deployment, "POST", "/inbound", tap);
    expect(resultOf(await service.validateCode(denied.id, denied.code))).toEqual([
      400,
      `${OTP}.VERIFICATION_EXPIRED`,
    ]);
  });

  it("is not found by a key of another app", async () => {
    const keys = new ApiKeys(env.API_KEYS, env.ADMIN_KEY);
    const { key } = await keys.create("shop", ["verifications"], parseAppName("shop") ?? DEFAULT_APP);
    const { id, code } = await sendCode();
    const foreign = await service.validateCode(id, code, { authorization: `Bearer ${key}` });
    expect(resultOf(foreign)).toEqual([404, "NOT_FOUND"]);
    expect((await service.validateCode(id, code)).status).toBe(204);
  });

  it("for a purpose that needs a binding is refused with 403, since this API cannot name one", async () => {
    const bound = new CamaraService({ PURPOSES: { login: { bind_required: true } } });
    expect(resultOf(await bound.sendCode(to))).toEqual([403, "PERMISSION_DENIED"]);
  });
});

describe("The input of CAMARA's API", () => {
  it.each<[string, () => object]>([
    ["a message of 160 characters", () => ({ message: MESSAGE.padEnd(160, "x") })],
    [
      "a message of 160 characters outside of the basic plane",
      () => ({ message: `{{code}}${"😀".repeat(152)}` }),
    ],
    ["a message that is the code alone", () => ({ message: "{{code}}" })],
  ])("may have %s", async (_, changes) => {
    expect((await service.sendCode(to, changes())).status).toBe(200);
  });

  it.each<[string, () => object, string]>([
    ["a number without plus sign", () => ({ phoneNumber: to.slice(1) }), "phoneNumber"],
    ["a number with spaces", () => ({ phoneNumber: `${to.slice(0, 3)} ${to.slice(3)}` }), "phoneNumber"],
    ["a number that is impossible", () => ({ phoneNumber: "+62812" }), "phoneNumber"],
    ["a number as a number", () => ({ phoneNumber: 6281234567890 }), "phoneNumber"],
    ["a message as a number", () => ({ message: 1 }), "message"],
    ["another spelling of the placeholder", () => ({ message: "{code}" }), "message"],
    ["a property that is not declared", () => ({ locale: "id" }), "locale"],
  ])("with %s is answered with 400, which names it, and sends nothing", async (_, changes, name) => {
    const { status, body, text } = await service.sendCode(to, changes());
    expect([status, body.code]).toEqual([400, "INVALID_ARGUMENT"]);
    expect(body.message).toContain(name);
    expect(text).not.toContain(to.slice(3));
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it.each<[string, object]>([
    ["an id of 37 characters", { authenticationId: "x".repeat(37) }],
    ["an id as a number", { authenticationId: 1 }],
    ["an empty code", { code: "" }],
    ["a code of eleven characters", { code: "12345678901" }],
    ["a code without letters and digits", { code: "-" }],
    ["a property that is not declared", { phoneNumber: "+6281234567890" }],
  ])("of a check with %s is answered with 400", async (_, changes) => {
    const { id, code } = await sendCode();
    const answer = await service.call("/validate-code", { authenticationId: id, code, ...changes });
    expect(resultOf(answer)).toEqual([400, "INVALID_ARGUMENT"]);
  });

  it.each(["ABC", "vrf_3n9bzjphnsjg5qgs0jdxagb1w0", ""])(
    "of a check with the id %j is answered with 404",
    async (id) => {
      expect(resultOf(await service.validateCode(id, "123456"))).toEqual([404, "NOT_FOUND"]);
    },
  );

  it.each(["a b", "é", "x".repeat(257), "a,b"])(
    "with the correlator %j is answered with 400, which does not repeat it",
    async (given) => {
      const { status, headers, body } = await service.sendCode(to, {}, { "x-correlator": given });
      expect([status, body.code, headers.get("x-correlator")]).toEqual([
        400,
        "INVALID_ARGUMENT",
        headers.get("x-request-id"),
      ]);
      expect(body.message).toContain("x-correlator");
      expect(deployment.graphCalls).toHaveLength(0);
    },
  );
});

describe("A refusal of CAMARA's API", () => {
  it("by the team's veto is PHONE_NUMBER_BLOCKED", async () => {
    const veto = { mode: "enforce", url: "https://team.test/veto", on_failure: "deny" };
    const guarded = new CamaraService({ GUARD_VETO_SECRET: VETO_SECRET }, { veto });
    expect(resultOf(await guarded.sendCode(to))).toEqual([403, `${OTP}.PHONE_NUMBER_BLOCKED`]);
  });

  it("by a rule about destinations that is not the block list is PHONE_NUMBER_NOT_ALLOWED", async () => {
    expect(resultOf(await service.sendCode("+881612345678"))).toEqual([
      403,
      `${OTP}.PHONE_NUMBER_NOT_ALLOWED`,
    ]);
  });

  it("by a lock of the number is PHONE_NUMBER_BLOCKED, for a send and for a check", async () => {
    const patient = new CamaraService({ PURPOSES: { login: { max_attempts: 10 } } });
    const { body } = await patient.sendCode(to);
    for (let attempt = 0; attempt < 10; attempt += 1)
      await patient.validateCode(body.authenticationId, WRONG);
    wait(6000);
    expect(resultOf(await patient.sendCode(to))).toEqual([403, `${OTP}.PHONE_NUMBER_BLOCKED`]);
  });

  it("by a cap on the day's sends is QUOTA_EXCEEDED with a Retry-After", async () => {
    const capped = new CamaraService({}, { caps: { sends_per_day: 1 } });
    await capped.sendCode(to);
    const answer = await capped.sendCode(newNumber());
    expect(resultOf(answer)).toEqual([429, "QUOTA_EXCEEDED"]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("because WhatsApp is busy is UNAVAILABLE with a Retry-After", async () => {
    const alone = new CamaraService({ PURPOSES: { login: { channels: ["whatsapp"] } } });
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131056 }] });
    const answer = await alone.sendCode(to);
    expect(resultOf(answer)).toEqual([503, "UNAVAILABLE"]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("for a missing scope is PERMISSION_DENIED", async () => {
    const { key } = await new ApiKeys(env.API_KEYS, env.ADMIN_KEY).create("app", ["reports"]);
    const answer = await service.sendCode(to, {}, { authorization: `Bearer ${key}` });
    expect(resultOf(answer)).toEqual([403, "PERMISSION_DENIED"]);
  });

  it.each(["/nothing", "/send-code/x", ""])(
    "for the unknown path %j is NOT_FOUND, with the correlator",
    async (path) => {
      const answer = await service.call(path);
      expect([...resultOf(answer), answer.headers.get("x-correlator")]).toEqual([
        404,
        "NOT_FOUND",
        CORRELATOR,
      ]);
    },
  );

  it("for a body that is too large is PAYLOAD_TOO_LARGE, with the correlator", async () => {
    const answer = await service.sendCode(to, { message: "x".repeat(65_536) });
    expect([...resultOf(answer), answer.headers.get("x-correlator")]).toEqual([
      413,
      "PAYLOAD_TOO_LARGE",
      CORRELATOR,
    ]);
  });
});
