import { createRemoteJWKSet, jwtVerify } from "jose";
import * as oidc from "openid-client";
import { describe, expect, it } from "vitest";
import { CALLBACK, type Registered, useProvider } from "./relying-party.ts";

/** openid-client 6 and jose through the whole sign-in, against `npm run dev`. */

const provider = useProvider();

/** What a relying party knows: the issuer, its id and its secret. */
async function discover({ client_id, client_secret }: Registered, auth?: oidc.ClientAuth, alg = "RS256") {
  const metadata = { id_token_signed_response_alg: alg };
  const authentication =
    auth ?? (client_secret === null ? oidc.None() : oidc.ClientSecretBasic(client_secret));
  const options = { execute: [oidc.allowInsecureRequests] };
  return oidc.discovery(new URL(provider.issuer), client_id, metadata, authentication, options);
}

/** One sign-in with everything that a careful relying party sends. */
async function signIn(
  config: oidc.Configuration,
  more: Readonly<Record<string, string>> = {},
  number = provider.newNumber(),
  isPushed = false,
) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const parameters = {
    redirect_uri: CALLBACK,
    scope: "openid phone",
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...more,
  };
  const url = isPushed
    ? await oidc.buildAuthorizationUrlWithPAR(config, parameters)
    : oidc.buildAuthorizationUrl(config, parameters);
  const callback = await provider.signInAt(url, number, "login_hint" in more && isPushed);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return { number, callback, exchange: () => oidc.authorizationCodeGrant(config, callback, checks) };
}

describe("openid-client 6", () => {
  it.each([
    ["RS256", "client_secret_basic"],
    ["ES256", "client_secret_post"],
  ] as const)("signs a user in with issuer, id and secret alone, by %s and %s", async (alg, method) => {
    const client = await provider.register({
      id_token_signed_response_alg: alg,
      token_endpoint_auth_method: method,
    });
    const secret = client.client_secret ?? "";
    const auth = method === "client_secret_post" ? oidc.ClientSecretPost(secret) : undefined;
    const config = await discover(client, auth, alg);
    const { number, exchange } = await signIn(config);
    const tokens = await exchange();
    const claims = tokens.claims();
    expect(claims).toMatchObject({
      iss: provider.issuer,
      aud: client.client_id,
      phone_number: number,
      phone_number_verified: true,
      amr: ["otp", "whatsapp"],
    });
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims?.sub ?? "");
    expect(info).toMatchObject({ sub: claims?.sub, phone_number: number });

    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ""));
    const options = { issuer: provider.issuer, audience: client.client_id, algorithms: [alg], typ: "JWT" };
    const { payload } = await jwtVerify(tokens.id_token ?? "", keys, options);
    expect(payload.sub).toBe(claims?.sub);
  });

  it("signs the user of a public native client in, on a port of the loopback that was not registered", async () => {
    const redirect_uris = ["http://127.0.0.1/callback"];
    const client = await provider.register({
      redirect_uris,
      application_type: "native",
      token_endpoint_auth_method: "none",
    });
    const config = await discover(client);
    const { number, exchange } = await signIn(config);
    expect((await exchange()).claims()).toMatchObject({ phone_number: number });
  });

  it("finds the same user again, who is another for a client with pairwise subjects", async () => {
    const [one, two] = [await provider.register({}), await provider.register({ subject_type: "pairwise" })];
    const number = provider.newNumber();
    const config = await discover(one);
    const first = await (await signIn(config, {}, number)).exchange();
    const again = await (await signIn(config, { id_token_hint: first.id_token ?? "" }, number)).exchange();
    expect(again.claims()?.sub).toBe(first.claims()?.sub);
    const other = await (await signIn(await discover(two), {}, number)).exchange();
    expect(other.claims()?.sub).not.toBe(first.claims()?.sub);

    const { callback } = await signIn(config, { id_token_hint: first.id_token ?? "" });
    expect(callback.searchParams.get("error")).toBe("login_required");
  });

  it("pushes its request, and has a payment confirmed that both tokens name", async () => {
    const client = await provider.register({
      authorization_details_types: ["payment"],
      require_pushed_authorization_requests: true,
      purpose: "transaction",
    });
    const config = await discover(client);
    const payment = { type: "payment", amount: "150000.00", currency: "IDR", payee: "Toko Maju" };
    const number = provider.newNumber();
    const more = { login_hint: number, authorization_details: JSON.stringify([payment]) };
    const { exchange } = await signIn(config, more, number, true);
    const tokens = await exchange();
    expect(tokens.claims()).toMatchObject({ phone_number: number, authorization_details: [payment] });
    expect(tokens.authorization_details).toEqual([payment]);
  });

  it("is refused a second use of a code, which ends the access token of the first", async () => {
    const config = await discover(await provider.register({}));
    const { exchange } = await signIn(config);
    const tokens = await exchange();
    const sub = tokens.claims()?.sub ?? "";
    await oidc.fetchUserInfo(config, tokens.access_token, sub);
    await expect(exchange()).rejects.toMatchObject({ error: "invalid_grant" });
    await expect(oidc.fetchUserInfo(config, tokens.access_token, sub)).rejects.toThrow();
  });

  it("gets the user back who cancels, and one who cannot sign in without a page", async () => {
    const config = await discover(await provider.register({}));
    const { callback } = await signIn(config, { prompt: "none" });
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({
      error: "login_required",
      iss: provider.issuer,
    });
  });
});
