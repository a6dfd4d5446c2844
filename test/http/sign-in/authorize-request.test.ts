import { describe, expect, it } from "vitest";
import { type RequestContext, readAuthorizeRequest } from "../../../src/http/sign-in/authorize-request.ts";
import { CHALLENGE, CLIENT, NATIVE, parametersWith, REQUEST } from "./fixtures.ts";

const HINTS: Readonly<Record<string, object>> = {
  own: { aud: CLIENT.id, sub: "subject" },
  "of another client": { aud: "cli_other", sub: "subject" },
  "for several": { aud: [CLIENT.id], sub: "subject" },
};

const PAYMENT = { type: "payment", amount: "150000.00", currency: "IDR", payee: "Toko Maju" };

function contextWith(changed: Partial<RequestContext> = {}): RequestContext {
  return {
    client: CLIENT,
    isPushed: false,
    needsBinding: false,
    issuer: { verify: (token) => Promise.resolve((HINTS[token] as Record<string, unknown>) ?? null) },
    ...changed,
  };
}

const read = (
  changed: Readonly<Record<string, string | undefined>>,
  context: Partial<RequestContext> = {},
  ...more: readonly (readonly [string, string])[]
) => readAuthorizeRequest(parametersWith(changed, ...more), contextWith(context));

const details = (...list: readonly object[]) => JSON.stringify(list);

describe("an authentication request", () => {
  it("is read with everything that it asks for", async () => {
    expect(await read({ ui_locales: "id en-GB nonsense-without-end-" })).toEqual({
      kind: "request",
      request: {
        clientId: "cli_shop",
        redirectUri: "https://shop.example/callback",
        state: "state of the app",
        nonce: "nonce of the app",
        scope: "openid phone",
        codeChallenge: CHALLENGE,
        loginHint: null,
        isNumberFixed: false,
        subject: null,
        locales: ["id", "en-GB"],
        payment: null,
      },
    });
  });

  it.each([
    [
      "a parameter that is given twice",
      {},
      [
        ["acr_values", "1"],
        ["acr_values", "2"],
      ],
      "invalid_request",
    ],
    ["no response type", { response_type: undefined }, [], "unsupported_response_type"],
    ["an implicit response type", { response_type: "id_token" }, [], "unsupported_response_type"],
    ["a hybrid response type", { response_type: "code id_token" }, [], "unsupported_response_type"],
    ["a fragment as response mode", { response_mode: "fragment" }, [], "invalid_request"],
    ["a form as response mode", { response_mode: "form_post" }, [], "invalid_request"],
    ["no scope", { scope: undefined }, [], "invalid_scope"],
    ["a scope without openid", { scope: "phone" }, [], "invalid_scope"],
    ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }, [], "invalid_request"],
    ["a challenge without its method", { code_challenge_method: undefined }, [], "invalid_request"],
    ["a method without its challenge", { code_challenge: undefined }, [], "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, [], "invalid_request"],
    ["a challenge of 42 characters", { code_challenge: CHALLENGE.slice(1) }, [], "invalid_request"],
    ["a challenge of 44 characters", { code_challenge: `${CHALLENGE}A` }, [], "invalid_request"],
    ["a challenge in base64", { code_challenge: CHALLENGE.replace("-", "+") }, [], "invalid_request"],
    ["a state of 2,049 characters", { state: "s".repeat(2_049) }, [], "invalid_request"],
    ["a nonce of 513 characters", { nonce: "n".repeat(513) }, [], "invalid_request"],
    ["the prompt none", { prompt: "none" }, [], "login_required"],
    ["the prompt none beside login", { prompt: "login none" }, [], "invalid_request"],
    ["a max_age that is no number", { max_age: "soon" }, [], "invalid_request"],
    ["a negative max_age", { max_age: "-1" }, [], "invalid_request"],
    ["a hint that is no token of ours", { id_token_hint: "foreign" }, [], "invalid_request"],
    ["a hint of another client", { id_token_hint: "of another client" }, [], "invalid_request"],
    ["a hint for several audiences", { id_token_hint: "for several" }, [], "invalid_request"],
    [
      "a payment from the browser",
      { authorization_details: details(PAYMENT) },
      [],
      "invalid_authorization_details",
    ],
    ["a request object", { request: "eyJ" }, [], "request_not_supported"],
    [
      "a request URI of another server",
      { request_uri: "https://a.example/r" },
      [],
      "request_uri_not_supported",
    ],
    ["a registration", { registration: "{}" }, [], "registration_not_supported"],
  ] as const)("with %s is refused with a redirect", async (_, changed, more, error) => {
    const reading = await read(changed, {}, ...(more as readonly (readonly [string, string])[]));
    const state = "state" in changed ? changed.state : REQUEST.state;
    expect(reading).toMatchObject({
      kind: "refused",
      fault: { error, description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/) },
      redirectUri: "https://shop.example/callback",
      state,
    });
  });

  it("that gives its state twice is answered without one", async () => {
    expect(await read({}, {}, ["state", "another"])).toMatchObject({ kind: "refused", state: null });
  });

  it.each([
    ["the longest state", { state: "s".repeat(2_048) }],
    ["the longest nonce", { nonce: "n".repeat(512) }],
    ["neither state nor nonce", { state: undefined, nonce: undefined }],
    ["the response mode query", { response_mode: "query" }],
    ["the prompts login, consent and select_account", { prompt: "login consent select_account" }],
    ["a max_age", { max_age: "0" }],
    ["hints that need nothing", { acr_values: "x", claims: "{}", claims_locales: "de", display: "popup" }],
    ["a parameter without a value", { request: "", prompt: "" }],
  ] as const)("with %s is valid", async (_, changed) => {
    expect(await read(changed)).toMatchObject({ kind: "request" });
  });

  it.each([
    ["openid phone profile email", "openid phone"],
    ["phone openid", "openid phone"],
    ["openid openid", "openid"],
    ["openid offline_access", "openid"],
  ])("for the scope %s is granted %s", async (scope, granted) => {
    expect(await read({ scope })).toMatchObject({ request: { scope: granted } });
  });

  it.each([
    ["+6281234567890", "+6281234567890"],
    ["tel:+6281234567890", "+6281234567890"],
    ["6281234567890", null],
    ["ana@example.com", null],
    ["tel:+620", null],
  ])("has the login hint %s read as %s, which the user may change", async (login_hint, loginHint) => {
    expect(await read({ login_hint })).toMatchObject({ request: { loginHint, isNumberFixed: false } });
  });

  it("has the subject of an own token as a hint", async () => {
    expect(await read({ id_token_hint: "own" })).toMatchObject({ request: { subject: "subject" } });
  });

  it("may go without a challenge for a confidential client that is registered so, and for no public one", async () => {
    const without = { code_challenge: undefined, code_challenge_method: undefined };
    const exempt = { ...CLIENT, requirePkce: false };
    expect(await read(without, { client: exempt })).toMatchObject({ request: { codeChallenge: null } });
    expect(await read({}, { client: exempt })).toMatchObject({ request: { codeChallenge: CHALLENGE } });
    const open = { ...exempt, tokenEndpointAuthMethod: "none" as const };
    expect(await read(without, { client: open })).toMatchObject({ fault: { error: "invalid_request" } });
  });

  it("of a client that has to push its requests is refused from the browser", async () => {
    const client = { ...CLIENT, requirePushedAuthorizationRequests: true };
    expect(await read({}, { client })).toMatchObject({ fault: { error: "invalid_request" } });
    expect(await read({}, { client, isPushed: true })).toMatchObject({ kind: "request" });
  });
});

describe("a pushed request", () => {
  const client = { ...CLIENT, authorizationDetailsTypes: ["payment" as const] };
  const pushed = { client, isPushed: true };

  it("fixes the number that it names", async () => {
    const hint = { login_hint: "+6281234567890" };
    expect(await read(hint, pushed)).toMatchObject({ request: { isNumberFixed: true } });
    expect(await read({}, pushed)).toMatchObject({ request: { isNumberFixed: false } });
  });

  it("confirms one payment", async () => {
    const { type: _, ...payment } = PAYMENT;
    const reading = await read({ authorization_details: details(PAYMENT) }, pushed);
    expect(reading).toMatchObject({ kind: "request", request: { payment } });
  });

  it.each([
    ["no JSON", "payment"],
    ["an object instead of a list", JSON.stringify(PAYMENT)],
    ["no entry", details()],
    ["two entries", details(PAYMENT, PAYMENT)],
    ["another type", details({ ...PAYMENT, type: "account" })],
    ["an unknown field", details({ ...PAYMENT, iban: "x" })],
    ["no payee", details({ ...PAYMENT, payee: undefined as unknown as string })],
    ["an amount that is no decimal", details({ ...PAYMENT, amount: "a lot" })],
    ["a currency in lower case", details({ ...PAYMENT, currency: "idr" })],
  ])("with %s in authorization_details is refused", async (_, authorization_details) => {
    const fault = { error: "invalid_authorization_details" };
    expect(await read({ authorization_details }, pushed)).toMatchObject({ kind: "refused", fault });
  });

  it("of a public client fixes no number and confirms no payment, since anyone can push it", async () => {
    const open = { ...client, tokenEndpointAuthMethod: "none" as const };
    const hint = { login_hint: "+6281234567890" };
    expect(await read(hint, { client: open, isPushed: true })).toMatchObject({
      request: { isNumberFixed: false },
    });
    const payment = { authorization_details: details(PAYMENT) };
    expect(await read(payment, { client: open, isPushed: true })).toMatchObject({ kind: "refused" });
  });

  it("for a payment is refused to a client without that type", async () => {
    const reading = await read({ authorization_details: details(PAYMENT) }, { isPushed: true });
    expect(reading).toMatchObject({ fault: { error: "invalid_authorization_details" } });
  });

  it("has to name a payment where the client's purpose needs a binding", async () => {
    const bound = { ...pushed, needsBinding: true };
    expect(await read({}, bound)).toMatchObject({ fault: { error: "invalid_authorization_details" } });
    expect(await read({}, { needsBinding: true })).toMatchObject({
      fault: { error: "invalid_authorization_details" },
    });
    expect(await read({ authorization_details: details(PAYMENT) }, bound)).toMatchObject({ kind: "request" });
  });
});

describe("a redirect URI", () => {
  it.each([
    undefined,
    "",
    " https://shop.example/callback",
    "https://shop.example/callback ",
    "https://shop.example/callback/",
    "https://shop.example/callback?",
    "https://shop.example/callback#",
    "https://shop.example/callback#x",
    "https://shop.example/callback?x=1",
    "https://shop.example/Callback",
    "https://SHOP.example/callback",
    "HTTPS://shop.example/callback",
    "http://shop.example/callback",
    "https:shop.example/callback",
    "https:/shop.example/callback",
    "https:///shop.example/callback",
    "https:\\\\shop.example\\callback",
    "//shop.example/callback",
    "/callback",
    "shop.example/callback",
    "https://shop.example",
    "https://shop.example/",
    "https://shop.example//callback",
    "https://shop.example/./callback",
    "https://shop.example/x/../callback",
    "https://shop.example/%63allback",
    "https://shop.example/callback%00",
    "https://shop.example/callback\u0000",
    "https://shop.example/callback\r\nLocation: https://evil.example",
    "https://shop.example/callback\t",
    "https://shop.example:443/callback",
    "https://shop.example:8443/callback",
    "https://shop.example./callback",
    "https://www.shop.example/callback",
    "https://shop.example.evil.example/callback",
    "https://evil.example/callback",
    "https://evil.example/https://shop.example/callback",
    "https://shop.example@evil.example/callback",
    "https://user@shop.example/callback",
    "https://shop.example\\@evil.example/callback",
    "https://sh\u043ep.example/callback",
    "https://shop.example/callback,https://evil.example",
    "https://shop.example/other",
    "https://shop.example/other?tenant=2",
    "https://shop.example/other?tenant=1&x=2",
    "https://*.example/callback",
    "javascript:alert(1)//https://shop.example/callback",
    "data:text/html,x",
  ])("%j is none of the client's, and gets no answer", async (redirect_uri) => {
    expect(await read({ redirect_uri })).toEqual({ kind: "no_redirect" });
  });

  it("that is given twice gets no answer, not even the same one", async () => {
    const again = ["redirect_uri", "https://shop.example/callback"] as const;
    expect(await read({}, {}, again)).toEqual({ kind: "no_redirect" });
  });

  it("may have another port on a native client's loopback address, and there alone", async () => {
    const native = { client: NATIVE };
    for (const redirect_uri of [
      "http://127.0.0.1/callback",
      "http://127.0.0.1:51004/callback",
      "http://[::1]:1/callback",
      "com.example.app:/callback",
    ]) {
      expect(await read({ redirect_uri }, native)).toMatchObject({ request: { redirectUri: redirect_uri } });
    }
    for (const redirect_uri of [
      "http://127.0.0.1:0/callback",
      "http://127.0.0.1:65536/callback",
      "http://127.0.0.1:51004/other",
      "http://127.0.0.1:51004@evil.example/callback",
      "http://127.0.0.1.evil.example/callback",
      "http://127.0.0.2:51004/callback",
      "http://localhost:51004/callback",
      "https://127.0.0.1:51004/callback",
      "com.example.app:51004/callback",
    ]) {
      expect(await read({ redirect_uri }, native), redirect_uri).toEqual({ kind: "no_redirect" });
    }
    const web = { ...NATIVE, applicationType: "web" as const };
    const moved = { redirect_uri: "http://127.0.0.1:51004/callback" };
    expect(await read(moved, { client: web })).toEqual({ kind: "no_redirect" });
  });
});
