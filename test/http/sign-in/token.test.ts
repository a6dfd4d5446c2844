import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { codeFor } from "../../../src/http/sign-in/authorization-code.ts";
import type { AuthorizeRequest } from "../../../src/http/sign-in/authorize-request.ts";
import type { Client } from "../../../src/http/sign-in/provider.ts";
import { SealedTexts } from "../../../src/http/sign-in/sealed-texts.ts";
import { exchangeCode } from "../../../src/http/sign-in/token.ts";
import { answerUserInfo } from "../../../src/http/sign-in/userinfo.ts";
import type { AppName } from "../../../src/ids/app-name.ts";
import type { VerificationId } from "../../../src/ids/verification-id.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import { Redemptions } from "../../../src/verification/redemptions.ts";
import { check, codeSentTo, newNumber, start, useDeployment } from "../../deployment.ts";
import { countObjectCalls } from "../counting.ts";
import { basic, CHALLENGE, CLIENT, ISSUER, NATIVE, registerOf, SECRET, VERIFIER } from "./fixtures.ts";

const deployment = useDeployment();

const ISS = "https://sign-in.example";
const EXEMPT: Client = { ...CLIENT, id: "cli_exempt", requirePkce: false };
const ALIASED: Client = {
  ...CLIENT,
  id: "cli_aliased",
  claimAliases: true,
  placeholders: { emailDomain: "users.example" },
  idTokenSignedResponseAlg: "ES256",
  sector: "shop.example",
};
const OF_SHOP: Client = { ...CLIENT, id: "cli_of_shop", app: "shop" as AppName };

const texts = new SealedTexts(new Keyring("a secret of these tests, long enough for a key"));
const deps = {
  clients: registerOf(CLIENT, NATIVE, EXEMPT, ALIASED, OF_SHOP),
  issuer: ISSUER,
  texts,
  redemptions: new Redemptions(env.PHONE_NUMBERS),
};

const REQUEST: AuthorizeRequest = {
  clientId: CLIENT.id,
  redirectUri: "https://shop.example/callback",
  state: "state",
  nonce: "nonce",
  scope: "openid phone",
  codeChallenge: CHALLENGE,
  loginHint: null,
  isNumberFixed: false,
  subject: null,
  locales: [],
  payment: null,
};

interface Approval {
  readonly to: string;
  readonly id: VerificationId;
  /** An authorization code, as the page would issue it for this request. */
  readonly code: (changed?: Partial<AuthorizeRequest>, at?: number) => string;
}

async function approval(bind: object | null = null): Promise<Approval> {
  const to = newNumber();
  const bound = bind === null ? {} : { bind };
  const { body } = await start({ to, purpose: bind === null ? "login" : "transaction", ...bound });
  await check(body.id, await codeSentTo(deployment, to), bound);
  const code = (changed: Partial<AuthorizeRequest> = {}, at = Date.now()) =>
    texts.seal("code", codeFor({ ...REQUEST, ...changed }, body.id), at);
  return { to, id: body.id, code };
}

type Fields = Readonly<Record<string, string | undefined>>;

function form(fields: Fields): string {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given).toString();
}

const grant = (code: string): Fields => ({
  grant_type: "authorization_code",
  code,
  redirect_uri: REQUEST.redirectUri,
  code_verifier: VERIFIER,
});

const AUTHORIZED = { authorization: basic(CLIENT.id, SECRET) };

async function post(body: string, headers: Readonly<Record<string, string>> = AUTHORIZED) {
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const request = new Request(`${ISS}/oauth/token`, {
    method: "POST",
    body,
    headers: { ...type, ...headers },
  });
  const response = await exchangeCode(request, ISS, deps);
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on any body
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

async function userInfo(accessToken: string | null, scheme = "Bearer") {
  const headers = accessToken === null ? {} : { authorization: `${scheme} ${accessToken}` };
  const response = await answerUserInfo(new Request(`${ISS}/oauth/userinfo`, { headers }), deps);
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on any body
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

describe("a code with everything right", () => {
  it("is exchanged for an access token and an ID token with the claims of the contract", async () => {
    const { to, code } = await approval();
    const before = Math.floor(Date.now() / 1000);
    const { status, headers, body } = await post(form(grant(code())));
    expect([status, headers.get("cache-control"), headers.get("access-control-allow-origin")]).toEqual([
      200,
      "no-store",
      "*",
    ]);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+$/),
      token_type: "Bearer",
      expires_in: 300,
      scope: "openid phone",
      id_token: expect.any(String),
    });
    const { claims, options } = JSON.parse(body.id_token);
    expect(options).toEqual({ typ: "JWT", alg: "RS256" });
    expect(claims).toEqual({
      iss: ISS,
      aud: "cli_shop",
      sub: `subject-of-${to.slice(1)}-in-public`,
      iat: expect.any(Number),
      exp: claims.iat + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      nonce: "nonce",
      auth_time: expect.any(Number),
      amr: ["otp", "whatsapp"],
      acr: "http://idmanagement.gov/ns/assurance/aal/1",
      phone_number: to,
      phone_number_verified: true,
    });
    expect(claims.auth_time).toBeGreaterThanOrEqual(before - 2);
    expect(claims.auth_time).toBeLessThanOrEqual(claims.iat);
  });

  it("costs one call to the number's object, and userinfo another", async () => {
    const { code } = await approval();
    const calls = countObjectCalls();
    const { body } = await post(form(grant(code())));
    expect(calls()).toBe(1);
    expect((await userInfo(body.access_token)).status).toBe(200);
    expect(calls()).toBe(2);
  });

  it("is about 430 characters", async () => {
    const { code } = await approval();
    expect(code({ nonce: VERIFIER }).length).toBeLessThan(460);
  });

  it("tells the scopes that were granted and no more", async () => {
    const { to, code } = await approval();
    const { body } = await post(form(grant(code({ scope: "openid" }))));
    const { claims } = JSON.parse(body.id_token);
    expect(claims).not.toHaveProperty("phone_number");
    expect((await userInfo(body.access_token)).body).toEqual({ sub: claims.sub });
    expect(JSON.stringify(body).replaceAll(claims.sub, "")).not.toContain(to.slice(1));
  });

  it("tells a client its aliases and placeholders, under its algorithm and the subject of its sector", async () => {
    const { to, code } = await approval();
    const authorized = { authorization: basic(ALIASED.id, SECRET) };
    const { body } = await post(form(grant(code({ clientId: ALIASED.id }))), authorized);
    const sub = `subject-of-${to.slice(1)}-in-shop.example`;
    const claims = {
      sub,
      phone_number: to,
      phone_number_verified: true,
      phone: to,
      phone_verified: true,
      email: `${sub}@users.example`,
      email_verified: false,
      name: `+62*********${to.slice(-2)}`,
    };
    expect(JSON.parse(body.id_token)).toMatchObject({ claims, options: { alg: "ES256" } });
    expect((await userInfo(body.access_token)).body).toEqual(claims);
  });

  it("names the payment that was confirmed", async () => {
    const bind = { amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
    const { code } = await approval(bind);
    const { body } = await post(form(grant(code())));
    const details = [{ type: "payment", ...bind }];
    expect(body.authorization_details).toEqual(details);
    expect(JSON.parse(body.id_token).claims.authorization_details).toEqual(details);
  });
});

describe("a client", () => {
  it("authenticates by Basic or by the form, whichever it is registered with", async () => {
    const byForm = { client_id: CLIENT.id, client_secret: SECRET };
    const first = await approval();
    expect((await post(form({ ...grant(first.code()), ...byForm }), {})).status).toBe(200);
    const second = await approval();
    const named = form({ ...grant(second.code()), client_id: CLIENT.id });
    expect((await post(named)).status).toBe(200);
  });

  it("without a secret names itself and nothing more", async () => {
    const { code } = await approval();
    const redirectUri = "http://127.0.0.1:51004/callback";
    const fields = { ...grant(code({ clientId: NATIVE.id, redirectUri })), redirect_uri: redirectUri };
    const named = { ...fields, client_id: NATIVE.id };
    expect(await post(form({ ...named, client_secret: "x" }), {})).toMatchObject({ status: 401 });
    const withBasic = { authorization: basic(NATIVE.id, "x") };
    expect(await post(form(named), withBasic)).toMatchObject({ status: 401 });
    expect(await post(form(named), {})).toMatchObject({ status: 200 });
  });
});

const invalidClient = [401, "invalid_client"] as const;
const invalidRequest = [400, "invalid_request"] as const;
const invalidGrant = [400, "invalid_grant"] as const;

type Case = readonly [
  title: string,
  expected: readonly [number, string],
  /** What the form has instead; a text is the whole body. */
  changed: Fields | ((grant: Fields) => string),
  headers?: Readonly<Record<string, string>>,
];

const CASES: readonly Case[] = [
  ["no credentials", invalidClient, {}, {}],
  ["an unknown client", invalidClient, {}, { authorization: basic("cli_unknown", SECRET) }],
  ["a wrong secret", invalidClient, {}, { authorization: basic(CLIENT.id, "wrong") }],
  ["an empty secret", invalidClient, {}, { authorization: basic(CLIENT.id, "") }],
  ["no secret", invalidClient, { client_id: CLIENT.id }, {}],
  ["a wrong secret in the form", invalidClient, { client_id: CLIENT.id, client_secret: "x" }, {}],
  ["Basic that is no base64", invalidClient, {}, { authorization: "Basic %%%" }],
  ["Basic that is not encoded right", invalidClient, {}, { authorization: `Basic ${btoa("%zz:x")}` }],
  ["another scheme", invalidClient, {}, { authorization: "Bearer x" }],
  ["two ways to authenticate", invalidRequest, { client_id: CLIENT.id, client_secret: SECRET }],
  ["another client_id than Basic's", invalidRequest, { client_id: EXEMPT.id }],
  ["a body that is no form", invalidRequest, {}, { ...AUTHORIZED, "content-type": "application/json" }],
  ["a field twice", invalidRequest, (fields) => `${form(fields)}&code=again`],
  ["no grant", invalidRequest, { grant_type: undefined }],
  ["no code", invalidRequest, { code: undefined }],
  ["another grant", [400, "unsupported_grant_type"], { grant_type: "refresh_token" }],
  ["a code that was never issued", invalidGrant, { code: "c".repeat(430) }],
  ["another client", invalidGrant, {}, { authorization: basic(EXEMPT.id, SECRET) }],
  ["a client of another app", invalidGrant, {}, { authorization: basic(OF_SHOP.id, SECRET) }],
  ["another redirect URI", invalidGrant, { redirect_uri: "https://shop.example/other?tenant=1" }],
  ["another verifier", invalidGrant, { code_verifier: VERIFIER.replace("d", "e") }],
  ["no verifier", invalidGrant, { code_verifier: undefined }],
  ["a verifier that is too short", invalidGrant, { code_verifier: VERIFIER.slice(1) }],
  ["a verifier that is too long", invalidGrant, { code_verifier: VERIFIER.padEnd(129, "x") }],
  ["the challenge as verifier", invalidGrant, { code_verifier: CHALLENGE }],
];

describe("a token request that fails", () => {
  const cases = CASES.map(([title, expected, changed, headers]) => ({ title, expected, changed, headers }));
  it.each(cases)("for $title is answered $expected, and uses nothing up", async (failing) => {
    const { expected, changed, headers } = failing;
    const { code } = await approval();
    const right = grant(code());
    const calls = countObjectCalls();
    const body = typeof changed === "function" ? changed(right) : form({ ...right, ...changed });
    const answer = await post(body, headers);
    expect([answer.status, answer.body.error]).toEqual(expected);
    expect(answer.body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const challenge = answer.headers.get("www-authenticate");
    expect(challenge).toBe(expected[0] === 401 ? 'Basic realm="sandi"' : null);
    expect(calls()).toBe(0);
    expect((await post(form(right))).status).toBe(200);
  });

  it("for a body that is not UTF-8 is invalid_request", async () => {
    const headers = { ...AUTHORIZED, "content-type": "application/x-www-form-urlencoded" };
    const body = new Uint8Array([0x63, 0x3d, 0xff]);
    const request = new Request(`${ISS}/oauth/token`, { method: "POST", body, headers });
    const answer = await exchangeCode(request, ISS, deps);
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual(invalidRequest);
  });

  it("says the same for every reason that a code is not valid", async () => {
    const { code } = await approval();
    const right = grant(code());
    await post(form(right));
    const bodies = new Set<string>();
    const wrongs: readonly Fields[] = [
      right,
      { ...right, code: "x" },
      { ...right, code: code({}, Date.now() - 61_000) },
      { ...right, code_verifier: undefined },
      { ...right, redirect_uri: "https://evil.example" },
    ];
    for (const wrong of wrongs) bodies.add(JSON.stringify((await post(form(wrong))).body));
    expect(bodies.size).toBe(1);
  });
});

describe("a code", () => {
  it("is valid for 60 seconds", async () => {
    const { code } = await approval();
    const now = Date.now();
    expect((await post(form(grant(code({}, now - 60_001))))).body.error).toBe("invalid_grant");
    expect((await post(form(grant(code({}, now - 58_000))))).status).toBe(200);
  });

  it("may leave the redirect URI out only where there is a challenge", async () => {
    const first = await approval();
    expect((await post(form({ ...grant(first.code()), redirect_uri: undefined }))).status).toBe(200);
    const second = await approval();
    const exempt = { clientId: EXEMPT.id, codeChallenge: null };
    const plain = { ...grant(second.code(exempt)), code_verifier: undefined };
    const authorized = { authorization: basic(EXEMPT.id, SECRET) };
    const left = await post(form({ ...plain, redirect_uri: undefined }), authorized);
    expect(left.body.error).toBe("invalid_grant");
    const downgraded = await post(form({ ...plain, code_verifier: VERIFIER }), authorized);
    expect(downgraded.body.error).toBe("invalid_grant");
    expect((await post(form(plain), authorized)).status).toBe(200);
  });

  it("gives one set of tokens out of fifty exchanges at once, and none of them opens userinfo then", async () => {
    const { code } = await approval();
    const codes = [code(), code()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => post(form(grant(codes[index % 2] ?? "")))),
    );
    const granted = answers.filter(({ status }) => status === 200);
    expect(granted).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.error))).toEqual(new Set([undefined, "invalid_grant"]));
    expect((await userInfo(granted[0]?.body.access_token)).status).toBe(401);
  });

  it("that is used again is invalid_grant, and the access token of its first use dies with it", async () => {
    const { code } = await approval();
    const fields = form(grant(code()));
    const { body } = await post(fields);
    expect((await userInfo(body.access_token)).status).toBe(200);
    expect((await post(fields)).body.error).toBe("invalid_grant");
    expect((await userInfo(body.access_token)).status).toBe(401);
  });

  it("is not used up where the keys of the issuer cannot be read", async () => {
    const { code } = await approval();
    const body = form(grant(code()));
    vi.spyOn(deps.issuer, "ready").mockRejectedValueOnce(new Error("no keys"));
    await expect(post(body)).rejects.toThrow("no keys");
    expect((await post(body)).status).toBe(200);
  });

  it("opens nothing where its verification is of another app than its client", async () => {
    const { code } = await approval();
    const authorized = { authorization: basic(OF_SHOP.id, SECRET) };
    const { body } = await post(form(grant(code({ clientId: OF_SHOP.id }))), authorized);
    expect(body.error).toBe("invalid_grant");
  });

  it("opens nothing where its verification was not approved", async () => {
    const { body } = await start({ to: newNumber() });
    const code = texts.seal("code", codeFor(REQUEST, body.id), Date.now());
    expect((await post(form(grant(code)))).body.error).toBe("invalid_grant");
  });
});

describe("userinfo", () => {
  it("answers the subject and the claims of the scope", async () => {
    const { to, code } = await approval();
    const { body } = await post(form(grant(code())));
    const answer = await userInfo(body.access_token);
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.body).toEqual({
      sub: JSON.parse(body.id_token).claims.sub,
      phone_number: to,
      phone_number_verified: true,
    });
    expect((await userInfo(body.access_token, "bearer")).status).toBe(200);
  });

  it("challenges a request without a token, and names the error of one that is not valid", async () => {
    const { code } = await approval();
    const granted = await post(form(grant(code())));
    const token: string = granted.body.access_token;
    const bare = await userInfo(null);
    expect([bare.status, bare.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    const id = granted.body.id_token;
    for (const [text, scheme] of [
      ["", "Bearer"],
      ["x"],
      [token.slice(1)],
      [id],
      [code()],
      [token, "Basic"],
    ]) {
      const answer = await userInfo(text ?? "", scheme);
      const seen = [answer.status, answer.headers.get("www-authenticate"), answer.body.error];
      expect(seen).toEqual([401, 'Bearer error="invalid_token"', "invalid_token"]);
    }
  });

  it("ends with the access token's five minutes, and with its client", async () => {
    const { code } = await approval();
    const { body } = await post(form(grant(code())));
    vi.setSystemTime(Date.now() + 299_000);
    expect((await userInfo(body.access_token)).status).toBe(200);
    vi.spyOn(deps.clients, "get").mockResolvedValueOnce(null);
    expect((await userInfo(body.access_token)).status).toBe(401);
    vi.setSystemTime(Date.now() + 2_000);
    expect((await userInfo(body.access_token)).status).toBe(401);
  });
});
