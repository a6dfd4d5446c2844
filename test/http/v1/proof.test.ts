import { env, exports } from "cloudflare:workers";
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from "jose";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Issuer } from "../../../src/keys/issuer/issuer.ts";
import {
  type Answer,
  api,
  check,
  codeSentTo,
  messagesTo,
  newNumber,
  start,
  useDeployment,
  wrong,
} from "../../deployment.ts";
import { appWithIssuer } from "../sign-in/rig.ts";

const deployment = useDeployment();

const AUDIENCE = "https://orders.example.com";
const ACR = "http://idmanagement.gov/ns/assurance/aal/1";
const NONCE = "n-0S6_WzA2Mj";
const ASKED = { proof: { audience: AUDIENCE, nonce: NONCE } };

/** Starts a verification and returns what a check of it needs. */
async function started(request: object = {}) {
  const to = newNumber();
  const { body } = await start({ to, ...request });
  return { to, id: body.id as string, code: await codeSentTo(deployment, to) };
}

/** Verifies as another service does: by the key set that it has read, without a call. */
async function verify(proof: string, audience = AUDIENCE) {
  const response = await exports.default.fetch("https://sandi.test/.well-known/jwks.json");
  const keys = createLocalJWKSet((await response.json()) as JSONWebKeySet);
  return jwtVerify(proof, keys, {
    issuer: "https://sandi.test",
    audience,
    typ: "phone-verification+jwt",
    algorithms: ["ES256"],
  });
}

// The isolate of these tests keeps the keys in memory, but each test begins with an empty storage.
beforeEach(async () => {
  await api("GET", "/v1/oauth/keys");
});

describe("The proof of a check", () => {
  it("has exactly the claims of the contract, and verifies offline against the published keys", async () => {
    const { to, id, code } = await started();
    const { body } = await check(id, code, ASKED);
    expect(body.valid).toBe(true);
    const { payload, protectedHeader } = await verify(body.proof);
    const approvedAt = Math.floor(Date.parse(body.closed_at) / 1000);
    expect(payload).toEqual({
      iss: "https://sandi.test",
      aud: AUDIENCE,
      nonce: NONCE,
      jti: id,
      sub: expect.stringMatching(/^[0-9a-hjkmnp-tv-z]{32}$/),
      iat: approvedAt,
      exp: approvedAt + 300,
      phone_number: to,
      phone_number_verified: true,
      purpose: "login",
      amr: ["otp", "whatsapp"],
      acr: ACR,
    });
    expect(protectedHeader).toEqual({
      typ: "phone-verification+jwt",
      alg: "ES256",
      kid: expect.any(String),
    });
  });

  it("of a payment names what was confirmed, and without a nonce there is none", async () => {
    const bind = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
    const { id, code } = await started({ purpose: "transaction", bind });
    const { body } = await check(id, code, { bind, proof: { audience: AUDIENCE } });
    const { payload } = await verify(body.proof);
    expect(payload).toMatchObject({
      purpose: "transaction",
      authorization_details: [{ type: "payment", ...bind }],
    });
    expect(payload).not.toHaveProperty("nonce");
  });

  it("of a code that went by SMS says so", async () => {
    const { to, id } = await started({ purpose: "either" });
    await api("POST", `/v1/verifications/${id}/resend`, { channel: "sms" });
    const [newest] = await messagesTo(deployment, to);
    expect(newest?.channel).toBe("sms");
    const { body } = await check(id, newest?.code ?? "", ASKED);
    expect((await verify(body.proof)).payload.amr).toEqual(["otp", "sms"]);
  });

  it("comes with a check by number as well", async () => {
    const { to, id, code } = await started();
    const { body } = await api("POST", "/v1/verifications/check", { to, code, ...ASKED });
    expect((await verify(body.proof)).payload).toMatchObject({ jti: id, phone_number: to });
  });

  it("has one subject for a number at every audience, and another for another number", async () => {
    const subject = async (to: string, audience: string) => {
      const { body } = await start({ to });
      const code = await codeSentTo(deployment, to);
      const { body: checked } = await check(body.id, code, { proof: { audience } });
      return decodeJwt(checked.proof).sub;
    };
    const to = newNumber();
    const first = await subject(to, AUDIENCE);
    expect(await subject(to, "https://stock.example.com")).toBe(first);
    expect(await subject(newNumber(), AUDIENCE)).not.toBe(first);
  });

  it("is for its audience only, and no longer than five minutes", async () => {
    const { id, code } = await started();
    const { body } = await check(id, code, ASKED);
    await expect(verify(body.proof, "https://stock.example.com")).rejects.toThrow('"aud"');
    const { exp = 0 } = decodeJwt(body.proof);
    vi.useFakeTimers({ now: exp * 1000 - 1, toFake: ["Date"] });
    await verify(body.proof);
    vi.setSystemTime(exp * 1000);
    await expect(verify(body.proof)).rejects.toThrow('"exp"');
  });

  it.each<[string, (given: Awaited<ReturnType<typeof started>>) => Promise<Answer>]>([
    ["a wrong code", ({ id, code }) => check(id, wrong(code), ASKED)],
    [
      "a code that is used twice",
      async ({ id, code }) => {
        await check(id, code);
        return check(id, code, ASKED);
      },
    ],
    [
      "a verification that was canceled",
      async ({ id, code }) => {
        await api("DELETE", `/v1/verifications/${id}`);
        return check(id, code, ASKED);
      },
    ],
    [
      "another binding",
      ({ id, code }) => check(id, code, { ...ASKED, bind: { amount: "1", currency: "IDR", payee: "x" } }),
    ],
    [
      "a number without a verification",
      ({ code }) => api("POST", "/v1/verifications/check", { to: newNumber(), code, ...ASKED }),
    ],
  ])("is not given for %s", async (_, send) => {
    const { status, body } = await send(await started());
    expect([status, body.valid]).toEqual([200, false]);
    expect(body).not.toHaveProperty("proof");
  });

  it("is not given unless asked for", async () => {
    const { id, code } = await started();
    const { body } = await check(id, code);
    expect(body.valid).toBe(true);
    expect(body).not.toHaveProperty("proof");
  });

  it("of a check that is repeated with its idempotency key is no newer than the approval", async () => {
    const { id, code } = await started();
    const headers = { "idempotency-key": "once" };
    const first = await check(id, code, ASKED, headers);
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ["Date"] });
    const again = await check(id, code, ASKED, headers);
    expect(again.body.valid).toBe(true);
    expect(decodeJwt(again.body.proof)).toEqual(decodeJwt(first.body.proof));
    const other = { proof: { audience: "https://stock.example.com" } };
    expect((await check(id, code, other, headers)).body.code).toBe("idempotency_mismatch");
  });

  it("costs the right code nothing when the keys cannot be read", async () => {
    const { to, id, code } = await started();
    const fetch = appWithIssuer("https://sandi.test", false);
    const asAdmin = { authorization: `Bearer ${env.ADMIN_KEY}` };
    const send = () =>
      fetch(`https://sandi.test/v1/verifications/${id}/check`, {
        method: "POST",
        headers: asAdmin,
        body: JSON.stringify({ code, ...ASKED }),
      });
    const read = vi
      .spyOn(Issuer.prototype, "read")
      .mockRejectedValue(Object.assign(new Error("Network connection lost."), { retryable: true }));
    expect((await send()).status).toBe(503);
    expect((await api("GET", `/v1/verifications/${id}`)).body).toMatchObject({
      status: "pending",
      attempts_remaining: 5,
    });
    read.mockRestore();
    const { valid, proof } = (await (await send()).json()) as { valid: boolean; proof: string };
    expect([valid, decodeJwt(proof).phone_number]).toEqual([true, to]);
  });

  it("is refused where the deployment has no issuer, and the code is not spent", async () => {
    const { id, code } = await started();
    const response = await appWithIssuer(null, false)(`https://sandi.test/v1/verifications/${id}/check`, {
      method: "POST",
      headers: { authorization: `Bearer ${env.ADMIN_KEY}` },
      body: JSON.stringify({ code, ...ASKED }),
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: "invalid_request", errors: [{ pointer: "/proof" }] },
    ]);
    expect((await check(id, code)).body.valid).toBe(true);
  });

  it("names the configured issuer at every host, and in development the request's own origin", async () => {
    const issuerOf = async (issuer: string | null, isDevelopment: boolean, origin: string) => {
      const { id, code } = await started();
      const response = await appWithIssuer(issuer, isDevelopment)(`${origin}/v1/verifications/${id}/check`, {
        method: "POST",
        headers: { authorization: `Bearer ${env.ADMIN_KEY}` },
        body: JSON.stringify({ code, ...ASKED }),
      });
      return decodeJwt(((await response.json()) as { proof: string }).proof).iss;
    };
    const login = "https://login.example.com";
    expect(await issuerOf(login, false, "https://sandi.workers.dev")).toBe(login);
    expect(await issuerOf(null, true, "http://127.0.0.1:8787")).toBe("http://127.0.0.1:8787");
  });

  it.each<[string, unknown, string]>([
    ["without an audience", {}, "/proof/audience"],
    ["for an empty audience", { audience: "" }, "/proof/audience"],
    ["for an audience of 513 characters", { audience: "x".repeat(513) }, "/proof/audience"],
    ["for a list of audiences", { audience: [AUDIENCE] }, "/proof/audience"],
    ["with an empty nonce", { audience: AUDIENCE, nonce: "" }, "/proof/nonce"],
    ["with a nonce of 513 characters", { audience: AUDIENCE, nonce: "x".repeat(513) }, "/proof/nonce"],
    ["with an unknown field", { audience: AUDIENCE, scope: "openid" }, "/proof/scope"],
    ["as null", null, "/proof"],
  ])("asked for %s is refused by name, and the code is not spent", async (_, proof, pointer) => {
    const { id, code } = await started();
    const { status, body } = await check(id, code, { proof });
    expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
    expect((await check(id, code)).body.valid).toBe(true);
  });

  it("takes an audience and a nonce of 512 characters", async () => {
    const { id, code } = await started();
    const longest = "x".repeat(512);
    const { status, body } = await check(id, code, { proof: { audience: longest, nonce: longest } });
    expect([status, body.errors]).toEqual([200, undefined]);
    expect(decodeJwt(body.proof)).toMatchObject({ aud: longest, nonce: longest });
  });

  it("is in no log line", async () => {
    const { id, code } = await started();
    const { body } = await check(id, code, ASKED);
    expect(deployment.logLines.length).toBeGreaterThan(0);
    expect(deployment.logLines.filter((line) => line.includes(body.proof))).toEqual([]);
  });
});
