import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { genericOAuth } from "better-auth/plugins";
import { expect, it } from "vitest";
import { useProvider } from "./relying-party.ts";

const provider = useProvider();

const APP = "http://127.0.0.1:9";

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
  const begun = await auth.handler(
    new Request(`${APP}/api/auth/sign-in/social`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: APP },
      body: JSON.stringify({ provider: "sandi", callbackURL: `${APP}/welcome` }),
    }),
  );
  const { url } = (await begun.json()) as { url: string };
  const number = provider.newNumber();
  const callback = await provider.signInAt(new URL(url), number);
  const cookie = cookiesOf(begun);
  const ended = await auth.handler(new Request(callback, { headers: { cookie } }));
  expect([ended.status, ended.headers.get("location")]).toEqual([302, `${APP}/welcome`]);
  const headers = { cookie: cookiesOf(ended) };
  const session = await auth.handler(new Request(`${APP}/api/auth/get-session`, { headers }));
  expect(await session.json()).toMatchObject({
    user: {
      name: `+62*********${number.slice(-2)}`,
      email: expect.stringMatching(/^[0-9a-z]{32}@users\.example\.com$/),
      emailVerified: false,
    },
  });
});

function cookiesOf({ headers }: Response): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
