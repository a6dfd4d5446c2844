import { describe, expect, it, vi } from "vitest";
import {
  api,
  codeSentTo,
  control,
  messagesTo,
  newNumber,
  start,
  useDeployment,
  wrong,
} from "../../deployment.ts";
import { ACCOUNT, basic, check, create, type Form, twilio } from "./rig.ts";

const deployment = useDeployment();
const SECOND = 1000;

interface Started {
  readonly to: string;
  readonly sid: string;
  readonly code: string;
}

async function begin(form: Form = {}, service = "login"): Promise<Started> {
  const to = newNumber();
  const { body } = await create({ To: to, ...form }, service);
  return { to, sid: body.sid, code: await codeSentTo(deployment, to) };
}

/** Uses up the attempts; returns the last answer. */
async function exhaust({ sid, code }: Started) {
  let last = await check({ VerificationSid: sid, Code: wrong(code) });
  for (let attempt = 1; attempt < 5; attempt += 1) {
    last = await check({ VerificationSid: sid, Code: wrong(code) });
  }
  return last;
}

const by = {
  SID: ({ sid }: Started): Form => ({ VerificationSid: sid }),
  number: ({ to }: Started): Form => ({ To: to }),
};

describe.each(Object.entries(by))("A check as Twilio makes it, by %s", (_, named) => {
  it("answers a right code with approved, and with 404 from then on", async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 15, 45, 42, 495), toFake: ["Date"] });
    const started = await begin();
    vi.setSystemTime(Date.now() + 5 * SECOND);
    const form = { ...named(started), Code: started.code };
    const { status, body } = await check(form);
    expect([status, body]).toEqual([
      200,
      {
        sid: started.sid,
        service_sid: "login",
        account_sid: ACCOUNT,
        to: started.to,
        channel: "whatsapp",
        status: "approved",
        valid: true,
        amount: null,
        payee: null,
        sna_attempts_error_codes: [],
        date_created: "2026-11-23T15:45:42Z",
        date_updated: "2026-11-23T15:45:47Z",
      },
    ]);
    const again = await check(form);
    expect([again.status, again.body.code]).toEqual([404, 20404]);
  });

  it("answers a wrong code with pending, and the right one after it with approved", async () => {
    const started = await begin();
    const first = await check({ ...named(started), Code: wrong(started.code) });
    expect(first).toMatchObject({ status: 200, body: { status: "pending", valid: false } });
    const second = await check({ ...named(started), Code: started.code });
    expect(second.body).toMatchObject({ status: "approved", valid: true });
  });

  it("answers the last allowed wrong code like the others, then 60202 until it would have expired, then 404", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const started = await begin();
    const last = await exhaust(started);
    expect(last).toMatchObject({ status: 200, body: { status: "pending", valid: false } });
    const form = { ...named(started), Code: started.code };
    const after = await check(form);
    expect([after.status, after.body.code]).toEqual([429, 60202]);
    expect(after.headers.get("retry-after")).toBe("300");
    vi.setSystemTime(Date.now() + 299 * SECOND);
    expect((await check(form)).body.code).toBe(60202);
    vi.setSystemTime(Date.now() + SECOND);
    expect((await check(form)).body.code).toBe(20404);
  });

  it("answers 404 for one that has expired", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const started = await begin();
    vi.setSystemTime(Date.now() + 300 * SECOND);
    const { status, body } = await check({ ...named(started), Code: started.code });
    expect([status, body.code]).toEqual([404, 20404]);
  });

  it("answers 404 for one that is canceled", async () => {
    const started = await begin();
    await twilio("POST", `/Services/login/Verifications/${started.sid}`, { Status: "canceled" });
    const { status, body } = await check({ ...named(started), Code: started.code });
    expect([status, body.code]).toEqual([404, 20404]);
  });

  it("answers 404 for one whose user says that they did not request it", async () => {
    const started = await begin();
    const [message] = await messagesTo(deployment, started.to);
    const tap = { from: started.to, button_payload: "DID_NOT_REQUEST_CODE", context_id: message?.id };
    await control(deployment, "POST", "/inbound", tap);
    const { body: listed } = await api("GET", `/v1/verifications?to=${encodeURIComponent(started.to)}`);
    expect(listed.data[0].reason).toBe("denied_by_user");
    const { status, body } = await check({ ...named(started), Code: started.code });
    expect([status, body.code]).toEqual([404, 20404]);
  });

  it("answers 404 for one that could not be delivered", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    const to = newNumber();
    const failed = await create({ To: to });
    expect([failed.status, failed.body.code]).toEqual([502, 20500]);
    const { status, body } = await check({ To: to, Code: "000000" });
    expect([status, body.code]).toEqual([404, 20404]);
  });

  it("answers 404 for another service than its own, and charges no attempt", async () => {
    const started = await begin();
    for (let tries = 0; tries < 6; tries += 1) {
      const other = await check({ ...named(started), Code: started.code }, "signup");
      expect([other.status, other.body.code]).toEqual([404, 20404]);
    }
    expect((await check({ ...named(started), Code: started.code })).body.valid).toBe(true);
  });

  it("answers 404 to the key of another app, and charges no attempt", async () => {
    const started = await begin();
    const { body } = await api("POST", "/v1/keys", { name: "shop", scopes: ["verifications"], app: "shop" });
    for (let tries = 0; tries < 6; tries += 1) {
      const other = await check({ ...named(started), Code: started.code }, "login", basic(body.key));
      expect([other.status, other.body.code]).toEqual([404, 20404]);
    }
    expect((await check({ ...named(started), Code: started.code })).body.valid).toBe(true);
  });

  it("needs the binding of the start, however the amount is spelled", async () => {
    const started = await begin({ Amount: "€1,039.99", Payee: "Acme" }, "transaction");
    const form = { ...named(started), Code: started.code };
    const missing = await check(form, "transaction");
    expect([missing.status, missing.body.code]).toEqual([400, 60206]);
    const other = await check({ ...form, Amount: "€1039.98", Payee: "Acme" }, "transaction");
    expect(other).toMatchObject({ status: 200, body: { status: "pending", valid: false } });
    const right = await check({ ...form, Amount: "1039.99 EUR", Payee: "Acme" }, "transaction");
    expect(right.body).toMatchObject({
      status: "approved",
      valid: true,
      amount: "1039.99 EUR",
      payee: "Acme",
    });
  });
});

describe("A check as Twilio makes it", () => {
  it("reads what the user typed as every check does", async () => {
    const { sid } = await begin({ CustomCode: "Ab12Cd" });
    expect((await check({ VerificationSid: sid, Code: " ab1-2cd " })).body.valid).toBe(true);
  });

  it.each([
    ["no code", {}, 400, 60200, "`Code`"],
    ["neither SID nor number", { Code: "482913" }, 400, 60200, "`To`"],
    ["a number that is none", { Code: "482913", To: "+1555" }, 400, 60200, "`To`"],
    [
      "a parameter of another factor",
      { Code: "1", To: "+6281234567890", SnaClientToken: "x" },
      400,
      60200,
      "`SnaClientToken`",
    ],
    ["a SID that is none", { Code: "482913", VerificationSid: "VE1" }, 404, 20404, "no pending verification"],
    ["an unknown SID", { Code: "482913", VerificationSid: `VE${"0".repeat(32)}` }, 404, 20404, ""],
    ["a SID in upper case", { Code: "482913", VerificationSid: `VE${"A".repeat(32)}` }, 404, 20404, ""],
    ["a number without a verification", { Code: "482913", To: "+6281299999999" }, 404, 20404, ""],
  ])("answers %s with an error", async (_, form, status, code, named) => {
    const answer = await check(form as Form);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.message).toContain(named);
  });

  it("does not check what a session of another API began, by its number", async () => {
    const to = newNumber();
    await start({ to, session: "browser-1" });
    const { status } = await check({ To: to, Code: await codeSentTo(deployment, to) });
    expect(status).toBe(404);
  });

  it("answers 60202 on a number that is locked after wrong codes", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const first = await begin();
    await exhaust(first);
    const second = { ...first, sid: (await create({ To: first.to })).body.sid };
    await exhaust(second);
    const refused = await create({ To: first.to });
    expect([refused.status, refused.body.code]).toEqual([429, 60202]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe.each([
  ["SID", ({ sid }: Started) => sid],
  ["number with a literal plus", ({ to }: Started) => to],
  ["number with an encoded plus", ({ to }: Started) => encodeURIComponent(to)],
] as const)("A verification of Twilio, by its %s", (_, named) => {
  const pathOf = (started: Started, service = "login") =>
    `/Services/${service}/Verifications/${named(started)}`;

  it("is read while it is pending", async () => {
    const started = await begin();
    const { status, body } = await twilio("GET", pathOf(started));
    expect(status).toBe(200);
    expect(body).toMatchObject({ sid: started.sid, to: started.to, status: "pending", valid: false });
  });

  it("is not read under another service, nor once it has expired", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const started = await begin();
    expect((await twilio("GET", pathOf(started, "signup"))).body.code).toBe(20404);
    vi.setSystemTime(Date.now() + 300 * SECOND);
    expect((await twilio("GET", pathOf(started))).body.code).toBe(20404);
  });

  it.each([
    ["canceled", false],
    ["approved", true],
  ])("is %s once", async (Status, valid) => {
    const started = await begin();
    const other = await twilio("POST", pathOf(started, "signup"), { Status });
    expect([other.status, other.body.code]).toEqual([404, 20404]);
    const first = await twilio("POST", pathOf(started), { Status });
    expect([first.status, first.body]).toEqual([
      200,
      expect.objectContaining({ sid: started.sid, status: Status, valid }),
    ]);
    for (const again of [
      await twilio("POST", pathOf(started), { Status }),
      await twilio("GET", pathOf(started)),
      await check({ To: started.to, Code: started.code }),
    ]) {
      expect([again.status, again.body.code]).toEqual([404, 20404]);
    }
  });
});

describe("A verification of Twilio", () => {
  it.each([["pending"], [""], ["deleted"]])("is not updated to %j", async (Status) => {
    const { sid } = await begin();
    const { status, body } = await twilio("POST", `/Services/login/Verifications/${sid}`, { Status });
    expect([status, body.code]).toEqual([400, 60200]);
    expect(body.message).toContain("`Status`");
  });

  it("which another API began is not read by its number", async () => {
    const to = newNumber();
    await start({ to, session: "browser-1" });
    expect((await twilio("GET", `/Services/login/Verifications/${to}`)).status).toBe(404);
  });

  it.each(["VE1", "nothing", "%00", "+1555"])("%s is not found", async (sid) => {
    expect((await twilio("GET", `/Services/login/Verifications/${sid}`)).body.code).toBe(20404);
  });
});
