import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { DAY_MS } from "../../../src/platform/time.ts";
import { api, useDeployment } from "../../deployment.ts";

const deployment = useDeployment();

const PATH = "/v1/oauth/clients";
const ADDRESS = "https://shop.example.com/callback";
const SHOP = { client_name: "Example Shop", redirect_uris: [ADDRESS] };
const DOMAIN_OF_200 = `${"a".repeat(63)}.${"b".repeat(62)}.${"c".repeat(62)}.example.co`;

const create = (more: object = {}, headers?: Record<string, string>) =>
  api("POST", PATH, { ...SHOP, ...more }, headers);
const change = (id: string, body: object) => api("PATCH", `${PATH}/${id}`, body);
const read = (id: string) => api("GET", `${PATH}/${id}`);

/** The entry in KV, as anyone with access to the namespace reads it. */
async function stored(id: string) {
  const { value, metadata } = await env.OAUTH_CLIENTS.getWithMetadata<Record<string, never>>(
    `clients/${id}`,
    "json",
  );
  return { value, metadata } as { value: Record<string, Record<string, unknown>>; metadata: unknown };
}

async function adminKeyOf(app: string): Promise<Record<string, string>> {
  const { body } = await api("POST", "/v1/keys", {
    name: `Administration of ${app}`,
    scopes: ["admin"],
    app,
  });
  return { authorization: `Bearer ${body.key}` };
}

describe("The registration of a client", () => {
  it("has the defaults of the contract, and shows the secret", async () => {
    const { status, body } = await create();
    expect(status).toBe(201);
    expect(body).toEqual({
      client_id: expect.stringMatching(/^cli_[0-9a-hjkmnp-tv-z]{26}$/),
      client_secret: expect.stringMatching(/^ocs_[0-9a-hjkmnp-tv-z]{52}$/),
      app: "default",
      ...SHOP,
      application_type: "web",
      token_endpoint_auth_method: "client_secret_basic",
      id_token_signed_response_alg: "RS256",
      scope: "openid phone",
      subject_type: "public",
      require_pkce: true,
      require_pushed_authorization_requests: false,
      authorization_details_types: [],
      purpose: "login",
      claim_aliases: false,
      placeholders: null,
      logo_uri: null,
      policy_uri: null,
      tos_uri: null,
      previous_secret_expires_at: null,
      warnings: [],
      created_at: expect.stringMatching(/^2\d{3}-.*Z$/),
    });
  });

  it.each<[string, object]>([
    ["a name of one character", { client_name: "S" }],
    ["a name of 60 characters", { client_name: "x".repeat(60) }],
    ["a name in another script", { client_name: "فروشگاه نمونه‌ها" }],
    ["20 redirect URIs", { redirect_uris: Array.from({ length: 20 }, (_, n) => `${ADDRESS}/${n}`) }],
    ["a redirect URI on this machine", { redirect_uris: ["http://127.0.0.1:3000/callback"] }],
    ["a private-use scheme", { redirect_uris: ["com.example.app:/callback"], application_type: "native" }],
    ["the secret in the form", { token_endpoint_auth_method: "client_secret_post" }],
    ["ES256", { id_token_signed_response_alg: "ES256" }],
    ["every scope", { scope: "openid phone profile email" }],
    ["openid alone", { scope: "openid" }],
    ["pairwise subjects", { subject_type: "pairwise" }],
    ["pushed requests only", { require_pushed_authorization_requests: true }],
    ["payments", { authorization_details_types: ["payment"], purpose: "transaction" }],
    ["a purpose", { purpose: "signup" }],
    ["claim aliases", { claim_aliases: true }],
    ["placeholders", { placeholders: { email_domain: "users.example.com" } }],
    ["placeholders in a domain of 200 characters", { placeholders: { email_domain: DOMAIN_OF_200 } }],
    [
      "its addresses",
      {
        logo_uri: "https://a.example/l.png",
        policy_uri: "https://a.example/p",
        tos_uri: "https://a.example/t",
      },
    ],
    ["an address of 2,048 characters", { logo_uri: `https://a.example/${"x".repeat(2048 - 18)}` }],
    ["an app", { app: "shop" }],
  ])("takes %s, and reads, list and KV have it as well", async (_, more) => {
    const { status, body } = await create(more);
    expect([status, body.errors]).toEqual([201, undefined]);
    expect(body).toMatchObject(more);
    const { client_secret: _secret, ...shown } = body;
    expect((await read(body.client_id)).body).toEqual(shown);
    expect((await api("GET", PATH)).body).toEqual({ data: [shown], next: null });
  });

  it.each<[string, object, string]>([
    ["no name", { client_name: undefined }, "/client_name"],
    ["an empty name", { client_name: "" }, "/client_name"],
    ["a name of spaces", { client_name: "  " }, "/client_name"],
    ["a name of 61 characters", { client_name: "x".repeat(61) }, "/client_name"],
    ["a name of two lines", { client_name: "Shop\nBank" }, "/client_name"],
    ["a name that turns the text around it", { client_name: "Shop\u202e" }, "/client_name"],
    ["no redirect URI", { redirect_uris: undefined }, "/redirect_uris"],
    ["an empty list of redirect URIs", { redirect_uris: [] }, "/redirect_uris"],
    [
      "21 redirect URIs",
      { redirect_uris: Array.from({ length: 21 }, (_, n) => `${ADDRESS}/${n}`) },
      "/redirect_uris",
    ],
    ["a redirect URI twice", { redirect_uris: [ADDRESS, ADDRESS] }, "/redirect_uris"],
    ["a redirect URI with a fragment", { redirect_uris: [`${ADDRESS}#x`] }, "/redirect_uris/0"],
    ["a wildcard", { redirect_uris: [ADDRESS, "https://*.example.com/"] }, "/redirect_uris/1"],
    ["plain http", { redirect_uris: ["http://shop.example.com/"] }, "/redirect_uris/0"],
    ["one redirect URI as a string", { redirect_uris: ADDRESS }, "/redirect_uris"],
    ["another kind of application", { application_type: "browser" }, "/application_type"],
    ["private_key_jwt", { token_endpoint_auth_method: "private_key_jwt" }, "/token_endpoint_auth_method"],
    ["none as the algorithm", { id_token_signed_response_alg: "none" }, "/id_token_signed_response_alg"],
    ["EdDSA", { id_token_signed_response_alg: "EdDSA" }, "/id_token_signed_response_alg"],
    ["a symmetric algorithm", { id_token_signed_response_alg: "HS256" }, "/id_token_signed_response_alg"],
    ["an unknown scope", { scope: "openid address" }, "/scope"],
    ["a scope without openid", { scope: "phone" }, "/scope"],
    ["an empty scope", { scope: "" }, "/scope"],
    ["a scope of 201 characters", { scope: `openid${" ".repeat(195)}` }, "/scope"],
    ["a list of scopes", { scope: ["openid"] }, "/scope"],
    ["another kind of subjects", { subject_type: "ephemeral" }, "/subject_type"],
    [
      "pairwise subjects for two hosts",
      { subject_type: "pairwise", redirect_uris: [ADDRESS, "https://bank.example/callback"] },
      "/redirect_uris",
    ],
    ["no PKCE and no secret", { require_pkce: false, token_endpoint_auth_method: "none" }, "/require_pkce"],
    ["a text for a switch", { require_pkce: "false" }, "/require_pkce"],
    [
      "a text for pushed requests",
      { require_pushed_authorization_requests: 1 },
      "/require_pushed_authorization_requests",
    ],
    [
      "other details",
      { authorization_details_types: ["account_information"] },
      "/authorization_details_types/0",
    ],
    [
      "payments twice",
      { authorization_details_types: ["payment", "payment"] },
      "/authorization_details_types",
    ],
    ["a text for aliases", { claim_aliases: "yes" }, "/claim_aliases"],
    ["placeholders without a domain", { placeholders: {} }, "/placeholders/email_domain"],
    [
      "placeholders with more",
      { placeholders: { email_domain: "a.example", name: "x" } },
      "/placeholders/name",
    ],
    ["a domain in capitals", { placeholders: { email_domain: "A.example" } }, "/placeholders/email_domain"],
    ["a domain of one label", { placeholders: { email_domain: "localhost" } }, "/placeholders/email_domain"],
    [
      "an address for a domain",
      { placeholders: { email_domain: "https://a.example" } },
      "/placeholders/email_domain",
    ],
    [
      "a domain of 201 characters",
      { placeholders: { email_domain: `x${DOMAIN_OF_200}` } },
      "/placeholders/email_domain",
    ],
    ["a logo by http", { logo_uri: "http://a.example/l.png" }, "/logo_uri"],
    ["a logo in the text", { logo_uri: "data:image/png;base64,AAAA" }, "/logo_uri"],
    ["a policy that is no address", { policy_uri: "policy" }, "/policy_uri"],
    ["terms by http", { tos_uri: "http://a.example/t" }, "/tos_uri"],
    ["an address of 2,049 characters", { tos_uri: `https://a.example/${"x".repeat(2049 - 18)}` }, "/tos_uri"],
    ["an app that is not configured", { app: "bank" }, "/app"],
    ["an unknown field", { grant_types: ["implicit"] }, "/grant_types"],
    ["a secret of its own", { client_secret: "x".repeat(40) }, "/client_secret"],
    ["an id of its own", { client_id: "shop" }, "/client_id"],
  ])("refuses %s by its name, and stores nothing", async (_, more, pointer) => {
    const { status, body } = await create(more);
    const pointers = new Set(body.errors.map((fault: { pointer: string }) => fault.pointer));
    expect([status, body.code, [...pointers]]).toEqual([400, "invalid_request", [pointer]]);
    expect((await api("GET", PATH)).body.data).toEqual([]);
  });

  it("refuses a purpose that the deployment does not have", async () => {
    const { status, body } = await create({ purpose: "log-in" });
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, "unknown_purpose", "/purpose"]);
  });

  it("warns of a client without PKCE, in every answer about it", async () => {
    const { status, body } = await create({ require_pkce: false });
    expect([status, body.warnings]).toEqual([201, [expect.stringContaining("ASVS 5.0, 10.4.6")]]);
    expect((await read(body.client_id)).body.warnings).toEqual(body.warnings);
    expect((await change(body.client_id, { require_pkce: true })).body.warnings).toEqual([]);
  });

  it("gives no secret to a client that keeps none", async () => {
    const { status, body } = await create({ token_endpoint_auth_method: "none" });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty("client_secret");
    const { status: rotated, body: problem } = await api("POST", `${PATH}/${body.client_id}/rotate`);
    expect([rotated, problem.code]).toEqual([400, "invalid_request"]);
  });

  it("stores only a digest of the secret, which no later answer and no log line has", async () => {
    const { body } = await create();
    const secret: string = body.client_secret;
    const answers = [
      await read(body.client_id),
      await api("GET", PATH),
      await change(body.client_id, { client_name: "Shop" }),
      await api("GET", "/v1/audit"),
    ];
    for (const { text } of answers) expect(text).not.toContain(secret);
    expect(JSON.stringify(await stored(body.client_id))).not.toContain(secret);
    expect(deployment.logLines.filter((line) => line.includes(secret))).toEqual([]);
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
    const current = Buffer.from(bytes).toString("base64url");
    expect((await stored(body.client_id)).value.secrets).toEqual({ current, previous: null });
  });

  it("freezes the sector of pairwise subjects", async () => {
    const { body } = await create({ subject_type: "pairwise" });
    await change(body.client_id, { redirect_uris: ["https://moved.example/callback"] });
    expect((await stored(body.client_id)).value.client).toMatchObject({ sector: "shop.example.com" });
    const shared = await create();
    expect((await stored(shared.body.client_id)).value.client).toMatchObject({ sector: null });
  });
});

describe("A change of a client", () => {
  it("replaces what it names, clears what it names as null, and leaves the rest", async () => {
    const { body } = await create({
      logo_uri: "https://a.example/l.png",
      scope: "openid",
      claim_aliases: true,
    });
    const { client_secret: _, ...shown } = body;
    const changes = { client_name: "Shop", logo_uri: null, scope: "openid phone email" };
    const changed = await change(body.client_id, changes);
    expect([changed.status, changed.body]).toEqual([200, { ...shown, ...changes }]);
    expect((await read(body.client_id)).body).toEqual(changed.body);
  });

  it.each<[object, string]>([
    [{ app: "shop" }, "/app"],
    [{ subject_type: "pairwise" }, "/subject_type"],
    [{ client_id: "x" }, "/client_id"],
    [{ token_endpoint_auth_method: "none" }, "/token_endpoint_auth_method"],
    [{ redirect_uris: [] }, "/redirect_uris"],
    [{ client_name: null }, "/client_name"],
    [{ scope: "phone" }, "/scope"],
  ])("to %j is refused by name, and changes nothing", async (changes, pointer) => {
    const { body } = await create();
    const { client_secret: _, ...shown } = body;
    const refused = await change(body.client_id, { client_name: "Shop", ...changes });
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, pointer]);
    expect((await read(body.client_id)).body).toEqual(shown);
  });

  it("cannot take PKCE from a client without a secret, nor give it one", async () => {
    const { body } = await create({ token_endpoint_auth_method: "none" });
    expect((await change(body.client_id, { require_pkce: false })).body.errors[0].pointer).toBe(
      "/require_pkce",
    );
    const method = { token_endpoint_auth_method: "client_secret_basic" };
    expect((await change(body.client_id, method)).body.errors[0].pointer).toBe("/token_endpoint_auth_method");
  });

  it("may move the secret from the header to the form", async () => {
    const { body } = await create();
    const changed = await change(body.client_id, { token_endpoint_auth_method: "client_secret_post" });
    expect(changed.body.token_endpoint_auth_method).toBe("client_secret_post");
  });
});

describe("A rotation of a client's secret", () => {
  it("shows a second secret once, and when the first one ends", async () => {
    vi.useFakeTimers({ now: Date.parse("2026-12-01T00:00:00.000Z"), toFake: ["Date"] });
    const { body } = await create();
    const { status, body: rotated } = await api("POST", `${PATH}/${body.client_id}/rotate`);
    expect(status).toBe(200);
    expect(rotated.client_secret).toMatch(/^ocs_/);
    expect(rotated.client_secret).not.toBe(body.client_secret);
    expect(rotated.previous_secret_expires_at).toBe("2026-12-02T00:00:00.000Z");
    const before = (await stored(body.client_id)).value.secrets;
    expect(before?.previous).toMatchObject({ expiresAt: Date.now() + DAY_MS });
    expect((await read(body.client_id)).text).not.toContain('client_secret"');

    await api("POST", `${PATH}/${body.client_id}/rotate`);
    const after = (await stored(body.client_id)).value.secrets;
    expect(after?.previous).toMatchObject({ digest: before?.current });
  });
});

describe("Clients", () => {
  it("are listed page by page, those with the longest registrations as well", async () => {
    const long = {
      redirect_uris: Array.from({ length: 20 }, (_, n) => `${ADDRESS}/${n}?${"x".repeat(100)}`),
    };
    const made = [await create(), await create(long), await create(), await create(long), await create()];
    const reads = vi.spyOn(env.OAUTH_CLIENTS, "get");
    const pages = [await api("GET", `${PATH}?limit=2`)];
    for (let next = pages[0]?.body.next; next && pages.length < 9; next = pages.at(-1)?.body.next) {
      pages.push(await api("GET", `${PATH}?limit=2&after=${encodeURIComponent(next)}`));
    }
    expect(pages.map(({ body }) => body.data.length)).toEqual([2, 2, 1]);
    expect(reads).toHaveBeenCalledTimes(2);
    const shown = made.map(({ body: { client_secret: _, ...rest } }) => rest);
    const byId = (a: { client_id: string }, b: { client_id: string }) =>
      a.client_id.localeCompare(b.client_id);
    expect(pages.flatMap(({ body }) => body.data).toSorted(byId)).toEqual(shown.toSorted(byId));
  });

  it("are not found once they are deleted", async () => {
    const { body } = await create();
    expect((await api("DELETE", `${PATH}/${body.client_id}`)).status).toBe(204);
    for (const call of [
      read(body.client_id),
      change(body.client_id, { client_name: "x" }),
      api("POST", `${PATH}/${body.client_id}/rotate`),
      api("DELETE", `${PATH}/${body.client_id}`),
    ]) {
      expect((await call).body.code).toBe("not_found");
    }
  });

  it.each([
    "cli_",
    "key_00000000000000000000000000",
    "cli_0000000000000000000000000A",
    "x".repeat(600),
    "..%2fkeys",
  ])("are not found by %s, which KV is not asked for", async (id) => {
    const reads = vi.spyOn(env.OAUTH_CLIENTS, "get");
    expect((await read(id)).status).toBe(404);
    expect(reads).not.toHaveBeenCalled();
  });

  it("of another app are not found by the operator who names one app, nor listed", async () => {
    const { body } = await create({ app: "shop" });
    const asDefault = { "sandi-app": "default" };
    for (const [method, path, sent] of [
      ["GET", `${PATH}/${body.client_id}`, undefined],
      ["PATCH", `${PATH}/${body.client_id}`, { client_name: "x" }],
      ["POST", `${PATH}/${body.client_id}/rotate`, undefined],
      ["DELETE", `${PATH}/${body.client_id}`, undefined],
    ] as const) {
      expect((await api(method, path, sent, asDefault)).body.code).toBe("not_found");
    }
    expect((await api("GET", PATH, undefined, asDefault)).body.data).toEqual([]);
    expect((await api("GET", PATH, undefined, { "sandi-app": "shop" })).body.data).toHaveLength(1);
    expect((await read(body.client_id)).body).toMatchObject({ client_name: "Example Shop", app: "shop" });
  });

  it("belong to the caller's app unless the body names another, and are listed by app", async () => {
    const admin = await adminKeyOf("shop");
    expect((await create({}, admin)).body.app).toBe("shop");
    expect((await create({}, { "sandi-app": "shop" })).body.app).toBe("shop");
    expect((await create({ app: "default" }, admin)).body.app).toBe("default");
    const counts = await Promise.all(
      ["", "?app=default", "?app=shop"].map((query) => api("GET", PATH + query, undefined, admin)),
    );
    expect(counts.map(({ body }) => body.data.length)).toEqual([3, 1, 2]);
    expect((await api("GET", `${PATH}?app=bank`)).status).toBe(400);
  });

  it("leave an audit entry for each change, with the client's id", async () => {
    const { body } = await create();
    await change(body.client_id, { client_name: "Shop" });
    await api("POST", `${PATH}/${body.client_id}/rotate`);
    await api("DELETE", `${PATH}/${body.client_id}`);
    const { body: audit } = await api("GET", "/v1/audit");
    const entries = audit.data.map(({ action, target, outcome }: Record<string, string>) => [
      action,
      target,
      outcome,
    ]);
    expect(entries.toReversed()).toEqual([
      ["createOAuthClient", body.client_id, "created"],
      ["updateOAuthClient", body.client_id, "updated"],
      ["rotateOAuthClientSecret", body.client_id, "rotated"],
      ["deleteOAuthClient", body.client_id, "deleted"],
    ]);
  });
});
