import { custom, generators, Issuer } from "openid-client-5";
import { expect, it } from "vitest";
import { CALLBACK, useProvider } from "./relying-party.ts";

const provider = useProvider();

/** NextAuth 4 and others are built on this version. */
it("openid-client 5 signs a user in with RS256, and cannot with ES256 unless it is told", async () => {
  custom.setHttpOptionsDefaults({ timeout: 10_000 });
  const issuer = await Issuer.discover(provider.issuer);
  for (const alg of ["RS256", "ES256"]) {
    const { client_id, client_secret } = await provider.register({ id_token_signed_response_alg: alg });
    const client = new issuer.Client({
      client_id,
      client_secret: client_secret ?? "",
      redirect_uris: [CALLBACK],
      response_types: ["code"],
    });
    const checks = {
      code_verifier: generators.codeVerifier(),
      state: generators.state(),
      nonce: generators.nonce(),
    };
    const url = client.authorizationUrl({
      scope: "openid phone",
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: generators.codeChallenge(checks.code_verifier),
      code_challenge_method: "S256",
    });
    const number = provider.newNumber();
    const callback = await provider.signInAt(new URL(url), number);
    const tokens = client.callback(CALLBACK, client.callbackParams(callback.href), checks);
    if (alg === "ES256") {
      await expect(tokens).rejects.toThrow("unexpected JWT alg received, expected RS256, got: ES256");
      continue;
    }
    const set = await tokens;
    expect(set.claims()).toMatchObject({ phone_number: number, aud: client_id });
    expect(await client.userinfo(set)).toMatchObject({ sub: set.claims().sub, phone_number: number });
  }
});
