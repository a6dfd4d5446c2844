import { env, exports } from "cloudflare:workers";
import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it, vi } from "vitest";
import { api, check, codeSentTo, newNumber, start, useDeployment } from "../../deployment.ts";
import { basic, CHALLENGE, REQUEST, VERIFIER } from "./fixtures.ts";
import { flowOf } from "./page-rig.ts";

const deployment = useDeployment();

const ISSUER = "https://sandi.test";
const HINTED = { code_challenge: CHALLENGE, code_challenge_method: "S256" };

const fetchAt = (path: string, init: RequestInit = {}) =>
  exports.default.fetch(ISSUER + path, { redirect: "manual", ...init });

async function register(fields: object = {}) {
  const client = { client_name: "Example Shop", redirect_uris: [REQUEST.redirect_uri], ...fields };
  const { body } = await api("POST", "/v1/oauth/clients", client);
  return body as { readonly client_id: string; readonly client_secret: string };
}

/** Signs a user in at the deployment itself, and returns what the client gets. */
async function signIn({ client_id, client_secret }: Awaited<ReturnType<typeof register>>, more: object = {}) {
  const query = new URLSearchParams({ ...REQUEST, client_id, ...more });
  const first = await fetchAt(`/oauth/authorize?${query}`);
  const cookie = (first.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const press = async (page: Response, form: string, fields: Record<string, string>) => {
    const html = await page.text();
    const flow = flowOf({ html, status: 200, headers: page.headers, location: null });
    const body = new URLSearchParams({ flow, ...fields });
    return fetchAt(`/oauth/authorize/${form}`, { method: "POST", headers: { cookie, origin: ISSUER }, body });
  };
  const to = newNumber();
  const page = await press(first, "number", { number: to });
  const answer = await press(page, "code", { code: await codeSentTo(deployment, to) });
  const code = new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const tokens = await fetchAt("/oauth/token", {
    method: "POST",
    headers: { authorization: basic(client_id, client_secret) },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: REQUEST.redirect_uri ?? "",
      code_verifier: VERIFIER,
    }),
  });
  return { to, tokens: (await tokens.json()) as Readonly<Record<string, string>> };
}

describe("the provider of a deployment", () => {
  it.each([
    ["/oauth/authorize/other", "text/html; charset=utf-8"],
    ["/oauth/authorize%3F", "application/json"],
    ["/oauth/authorize;a=b", "application/json"],
    ["/oauth/authorized", "application/json"],
  ])("answers an unknown path, %s, as %s", async (path, type) => {
    const response = await fetchAt(path);
    expect([response.status, response.headers.get("content-type")]).toEqual([404, type]);
  });

  it("names the sender of codes as Meta knows it, which the first page of an isolate reads in the background", async () => {
    const { client_id } = await register();
    const query = new URLSearchParams({ ...REQUEST, client_id });
    const codePage = async () => {
      const first = await fetchAt(`/oauth/authorize?${query}`);
      const cookie = (first.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
      const flow = flowOf({ html: await first.text(), status: 200, headers: first.headers, location: null });
      const body = new URLSearchParams({ flow, number: newNumber() });
      const init = { method: "POST", headers: { cookie, origin: ISSUER }, body };
      return (await fetchAt("/oauth/authorize/number", init)).text();
    };
    await vi.waitFor(async () =>
      expect(await codePage()).toContain("It comes from <b><bdi>Sandi</bdi></b>."),
    );
  });

  it.each(["RS256", "ES256"])("signs ID tokens by %s with the keys that it publishes", async (alg) => {
    const client = await register({ id_token_signed_response_alg: alg });
    const { to, tokens } = await signIn(client);
    const { keys } = (await (await fetchAt("/.well-known/jwks.json")).json()) as { keys: [] };
    const options = { issuer: ISSUER, audience: client.client_id, algorithms: [alg], typ: "JWT" };
    const { payload } = await jwtVerify(tokens.id_token ?? "", createLocalJWKSet({ keys }), options);
    expect(payload).toMatchObject({ phone_number: to, nonce: REQUEST.nonce });
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect(await (await fetchAt("/oauth/userinfo", { headers })).json()).toEqual({
      sub: payload.sub,
      phone_number: to,
      phone_number_verified: true,
    });
  });

  it("describes itself as discovery asks, at both addresses, for pages of every origin", async () => {
    const [one, two] = await Promise.all(
      ["openid-configuration", "oauth-authorization-server"].map(async (name) => {
        const response = await fetchAt(`/.well-known/${name}`);
        expect(response.headers.get("access-control-allow-origin")).toBe("*");
        expect(response.headers.get("cache-control")).toBe("public, max-age=600");
        return (await response.json()) as Readonly<Record<string, unknown>>;
      }),
    );
    expect(two).toEqual(one);
    expect(one).toMatchObject({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/oauth/authorize`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      subject_types_supported: ["public", "pairwise"],
      id_token_signing_alg_values_supported: ["RS256", "ES256"],
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
    });
    const { ui_locales_supported: languages } = one as { ui_locales_supported: readonly string[] };
    expect(languages).toHaveLength(20);
  });

  it("takes its own ID token of this client as a hint, and neither a proof nor another client's", async () => {
    const [client, other] = [await register(), await register()];
    const { tokens } = await signIn(client);
    const to = newNumber();
    const { body } = await start({ to });
    const proof = { audience: client.client_id };
    const checked = await check(body.id, await codeSentTo(deployment, to), { proof });
    const errorWith = async (client_id: string, id_token_hint: string) => {
      const query = new URLSearchParams({ ...REQUEST, ...HINTED, client_id, id_token_hint });
      const response = await fetchAt(`/oauth/authorize?${query}`);
      const location = response.headers.get("location");
      return location === null ? response.status : new URL(location).searchParams.get("error");
    };
    const token = tokens.id_token ?? "";
    expect(await errorWith(client.client_id, token)).toBe(200);
    expect(await errorWith(other.client_id, token)).toBe("invalid_request");
    expect(await errorWith(client.client_id, checked.body.proof)).toBe("invalid_request");
    expect(await errorWith(client.client_id, `${token.slice(0, -4)}AAAA`)).toBe("invalid_request");
    expect(await errorWith(client.client_id, "no token")).toBe("invalid_request");
  });

  it("answers a preflight of a page of any origin for token and userinfo", async () => {
    for (const path of ["/oauth/token", "/oauth/userinfo"]) {
      const response = await fetchAt(path, { method: "OPTIONS", headers: { origin: "https://app.example" } });
      expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
      expect(response.headers.get("access-control-allow-headers")).toBe("authorization, content-type");
    }
  });

  it.each([
    ["GET", "/oauth/token"],
    ["POST", "/oauth/x"],
    ["GET", "/oauth"],
    ["GET", "/oauth/authorize/number"],
  ])("has nothing at %s %s", async (method, path) => {
    const response = await fetchAt(path, { method });
    expect(response.status).toBe(404);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("refuses a body of more than 16 KB", async () => {
    const body = "x".repeat(17_000);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    for (const name of ["token", "par"]) {
      const response = await fetchAt(`/oauth/${name}`, { method: "POST", body, headers });
      expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
        413,
        "invalid_request",
      ]);
    }
  });

  it.each(["/oauth/authorize", "/oauth/userinfo"])("passes over the body of a GET at %s", async (path) => {
    // As workerd shows a GET with a chunked body, which no test can construct.
    vi.spyOn(Request.prototype, "body", "get").mockReturnValue(new Response("x").body);
    const { status } = await fetchAt(path);
    expect(status).toBe(path.endsWith("userinfo") ? 401 : 400);
  });

  it("answers a fault of the platform with 503 and Retry-After, in the form of each endpoint", async () => {
    const { client_id } = await register();
    const fault = Object.assign(new Error("KV GET failed: 503"), { retryable: true });
    vi.spyOn(env.OAUTH_CLIENTS, "get").mockRejectedValue(fault as never);
    const page = await fetchAt(`/oauth/authorize?${new URLSearchParams({ ...REQUEST, client_id })}`);
    expect([page.status, page.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await page.text()).toContain("<h1>The service is unavailable for a moment.</h1>");
    const headers = { authorization: basic(client_id, "x") };
    const body = new URLSearchParams({ grant_type: "authorization_code" });
    const token = await fetchAt("/oauth/token", { method: "POST", headers, body });
    expect([token.status, token.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await token.json()).toMatchObject({ error: "temporarily_unavailable" });
  });
});
