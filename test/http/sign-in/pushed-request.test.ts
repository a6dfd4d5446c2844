import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { isPushedUri, openPushed, pushRequest } from "../../../src/http/sign-in/pushed-request.ts";
import { SealedTexts } from "../../../src/http/sign-in/sealed-texts.ts";
import { Keyring } from "../../../src/platform/keyring.ts";
import { Redemptions } from "../../../src/verification/redemptions.ts";
import { basic, CLIENT, ISSUER, NATIVE, REQUEST, registerOf, SECRET } from "./fixtures.ts";

const PAYER = {
  ...CLIENT,
  id: "cli_payer",
  authorizationDetailsTypes: ["payment" as const],
  purpose: "transaction",
};
const texts = new SealedTexts(new Keyring("a secret of these tests, long enough for a key"));
const deps = {
  clients: registerOf(CLIENT, NATIVE, PAYER),
  issuer: ISSUER,
  texts,
  redemptions: new Redemptions(env.PHONE_NUMBERS),
};

async function push(
  fields: Readonly<Record<string, string>>,
  authorization: string | null = basic(CLIENT.id, SECRET),
) {
  const body = new URLSearchParams(fields);
  const headers: Record<string, string> = authorization === null ? {} : { authorization };
  const request = new Request("https://sign-in.example/oauth/par", { method: "POST", body, headers });
  const response = await pushRequest(request, deps, ({ purpose }) => purpose === "transaction");
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on any body
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

describe("a pushed request", () => {
  it("is answered with a URI that stands for it for 90 seconds, for its client alone", async () => {
    const { status, headers, body } = await push({ ...REQUEST, login_hint: "+6281234567890" });
    expect([status, headers.get("cache-control"), body.expires_in]).toEqual([201, "no-store", 90]);
    expect(isPushedUri(body.request_uri)).toBe(true);
    const now = Date.now();
    const request = { clientId: CLIENT.id, loginHint: "+6281234567890", isNumberFixed: true };
    expect(openPushed(body.request_uri, CLIENT, texts, now)).toMatchObject(request);
    expect(openPushed(body.request_uri, PAYER, texts, now)).toBeNull();
    expect(openPushed(body.request_uri.slice(0, -3), CLIENT, texts, now)).toBeNull();
    expect(openPushed(body.request_uri, CLIENT, texts, now + 91_000)).toBeNull();
  });

  it("of a public client needs no secret", async () => {
    const fields = { ...REQUEST, client_id: NATIVE.id, redirect_uri: "http://127.0.0.1:1/callback" };
    expect((await push(fields, null)).status).toBe(201);
  });

  it("carries a payment for a purpose that needs one", async () => {
    const details = { type: "payment", amount: "1.00", currency: "EUR", payee: "Ana" };
    const fields = { ...REQUEST, client_id: PAYER.id };
    const authorization = basic(PAYER.id, SECRET);
    expect(await push(fields, authorization)).toMatchObject({
      status: 400,
      body: { error: "invalid_authorization_details" },
    });
    const paid = { ...fields, authorization_details: JSON.stringify([details]) };
    const { status, body } = await push(paid, authorization);
    expect(status).toBe(201);
    const { type: _, ...payment } = details;
    expect(openPushed(body.request_uri, PAYER, texts, Date.now())).toMatchObject({ payment });
  });

  it.each([
    ["a wrong secret", {}, basic(CLIENT.id, "x"), 401, "invalid_client"],
    ["no credentials", { client_id: CLIENT.id }, null, 401, "invalid_client"],
    ["another client_id", { client_id: "cli_payer" }, undefined, 400, "invalid_request"],
    [
      "a request_uri",
      { request_uri: "urn:ietf:params:oauth:request_uri:x" },
      undefined,
      400,
      "invalid_request",
    ],
    ["a foreign redirect URI", { redirect_uri: "https://evil.example" }, undefined, 400, "invalid_request"],
    ["no openid in the scope", { scope: "phone" }, undefined, 400, "invalid_scope"],
    ["a request object", { request: "x" }, undefined, 400, "request_not_supported"],
    ["the prompt none", { prompt: "none" }, undefined, 400, "login_required"],
  ] as const)("with %s is refused", async (_, changed, authorization, status, error) => {
    expect(await push({ ...REQUEST, ...changed }, authorization)).toMatchObject({ status, body: { error } });
  });
});
