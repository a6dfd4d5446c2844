import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Auth, type AuthConfig } from "@auth/core";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { genericOAuth } from "better-auth/plugins";
import { custom, generators, Issuer } from "openid-client-5";
import { expect, it } from "vitest";
import { codeBlocks, readPages } from "../e2e/documents.ts";
import { CALLBACK, useProvider } from "./relying-party.ts";

/** Libraries that sign users in with an OpenID Provider, and the lines of the documentation, against one `npm run dev`. */

const provider = useProvider();

const APP = "http://127.0.0.1:9";

it("Auth.js 5 signs a user in with issuer, id, secret, scope and a profile without an email", async () => {
  const { client_id, client_secret } = await provider.register({
    redirect_uris: [`${APP}/auth/callback/sandi`],
  });
  const config: AuthConfig = {
    basePath: "/auth",
    secret: "a secret of more than thirty-two characters",
    trustHost: true,
    providers: [
      {
        id: "sandi",
        name: "Sandi",
        type: "oidc",
        issuer: provider.issuer,
        clientId: client_id,
        clientSecret: client_secret ?? "",
        authorization: { params: { scope: "openid phone" } },
        profile: ({ sub, phone_number }) => ({ id: sub, name: phone_number }),
      },
    ],
    callbacks: {
      // The id and the number are not among what Auth.js keeps of a user by itself.
      jwt: ({ token, profile }) => ({ ...token, phone: profile?.phone_number ?? token.phone }),
      session: ({ session, token }) => ({ ...session, phone: token.phone }),
    },
  };
  const browser = new Browser((request) => Auth(request, config));
  const { csrfToken } = await (await browser.get("/auth/csrf")).json();
  const begun = await browser.post("/auth/signin/sandi", new URLSearchParams({ csrfToken }));
  const number = provider.newNumber();
  const callback = await provider.signInAt(new URL(begun.headers.get("location") ?? ""), number);
  const ended = await browser.get(callback.pathname + callback.search);
  expect([ended.status, ended.headers.get("location")]).toEqual([302, APP]);
  expect(await (await browser.get("/auth/session")).json()).toMatchObject({
    user: { name: number },
    phone: number,
  });
});

it("better-auth's genericOAuth signs a user in with issuer, id, secret and placeholders", async () => {
  const { client_id, client_secret } = await provider.register({
    redirect_uris: [`${APP}/api/auth/callback/sandi`],
    scope: "openid phone profile email",
    placeholders: { email_domain: "users.example.com" },
  });
  const auth = betterAuth({
    baseURL: APP,
    secret: "a secret of more than thirty-two characters",
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    plugins: [
      genericOAuth({
        config: [
          {
            providerId: "sandi",
            discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
            clientId: client_id,
            clientSecret: client_secret ?? "",
            scopes: ["openid", "phone", "profile", "email"],
            pkce: true,
          },
        ],
      }),
    ],
  });
  const browser = new Browser((request) => auth.handler(request));
  const body = JSON.stringify({ provider: "sandi", callbackURL: `${APP}/welcome` });
  const begun = await browser.post("/api/auth/sign-in/social", body, { "content-type": "application/json" });
  const { url } = await begun.json();
  const number = provider.newNumber();
  const callback = await provider.signInAt(new URL(url), number);
  const ended = await browser.get(callback.pathname + callback.search);
  expect([ended.status, ended.headers.get("location")]).toEqual([302, `${APP}/welcome`]);
  expect(await (await browser.get("/api/auth/get-session")).json()).toMatchObject({
    user: {
      name: `+62*********${number.slice(-2)}`,
      email: expect.stringMatching(/^[0-9a-z]{32}@users\.example\.com$/),
      emailVerified: false,
    },
  });
});

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

it("the lines of the README with openid-client sign a user in", async () => {
  const page = readPages().find(({ path }) => path === "README.md") ?? { path: "", text: "" };
  const block = codeBlocks(page).find(({ code }) => code.includes('from "openid-client"'));
  const folder = await mkdtemp(join(tmpdir(), "sandi-documented-"));
  try {
    await symlink(join(import.meta.dirname, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "sign-in.mjs"), block?.code ?? "");
    const { connect, begin, finish } = await import(pathToFileURL(join(folder, "sign-in.mjs")).href);
    const redirectUri = "http://localhost:3000/callback";
    const { client_id, client_secret } = await provider.register({ redirect_uris: [redirectUri] });
    const sandi = await connect(provider.issuer, client_id, client_secret);
    const session = {};
    const number = provider.newNumber();
    const callback = await provider.signInAt(await begin(sandi, session, redirectUri), number);
    expect(await finish(sandi, session, callback)).toMatchObject({ phone_number: number });
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** The user's browser at a library's own addresses, with the cookies that it has set. */
class Browser {
  readonly #handler: (request: Request) => Promise<Response>;
  readonly #cookies = new Map<string, string>();

  constructor(handler: (request: Request) => Promise<Response>) {
    this.#handler = handler;
  }

  get(path: string): Promise<Response> {
    return this.#send(new Request(APP + path));
  }

  post(path: string, body: BodyInit, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#send(
      new Request(APP + path, { method: "POST", body, headers: { origin: APP, ...headers } }),
    );
  }

  async #send(request: Request): Promise<Response> {
    const sent = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    request.headers.set("cookie", sent);
    const response = await this.#handler(request);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }
}
