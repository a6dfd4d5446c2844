import { env, exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { api, useDeployment } from "../../deployment.ts";
import { appWithIssuer } from "./rig.ts";

const deployment = useDeployment();

const JWKS = "/.well-known/jwks.json";
const asAdmin = { headers: { authorization: `Bearer ${env.ADMIN_KEY}` } };

it("the key set is what /v1/oauth/keys lists, for pages of every origin, cached for ten minutes", async () => {
  const { body } = await api("GET", "/v1/oauth/keys");
  const response = await exports.default.fetch(`https://sandi.test${JWKS}`);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=600",
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
  });
  const { keys } = (await response.json()) as { keys: { kid: string; alg: string }[] };
  expect(keys.map(({ kid, alg }) => ({ kid, alg }))).toEqual(
    body.data.map(({ kid, alg }: { kid: string; alg: string }) => ({ kid, alg })),
  );
});

it("the log line of a request for the key set names its route", async () => {
  await exports.default.fetch(`https://sandi.test${JWKS}`);
  expect(deployment.logLines.map((line) => JSON.parse(line).route)).toEqual([`GET ${JWKS}`]);
});

it.each([
  ["https://login.example.com", false, "https://login.example.com", 200],
  ["https://login.example.com", true, "https://login.example.com", 200],
  ["https://login.example.com", false, "https://sandi.workers.dev", 404],
  ["https://login.example.com", false, "http://login.example.com", 404],
  ["https://login.example.com", false, "https://login.example.com:8443", 404],
  ["https://login.example.com", true, "http://127.0.0.1:8787", 404],
  [null, false, "https://login.example.com", 404],
  [null, false, "http://127.0.0.1:8787", 404],
  [null, true, "https://login.example.com", 404],
  [null, true, "http://127.0.0.1:8787", 200],
  [null, true, "http://localhost:8787", 200],
])(
  "with the issuer %s (development: %s) the origin %s answers %i",
  async (issuer, isDevelopment, origin, status) => {
    const fetch = appWithIssuer(issuer, isDevelopment);
    expect((await fetch(origin + JWKS)).status).toBe(status);
    const keys = await fetch(`${origin}/v1/oauth/keys`, asAdmin);
    expect(keys.status).toBe(status);
    if (status === 200) return;
    expect(keys.headers.get("content-type")).toBe("application/problem+json");
    const rotate = { ...asAdmin, method: "POST", body: '{"surprise":1}' };
    expect((await fetch(`${origin}/v1/oauth/keys/rotate`, rotate)).status).toBe(404);
  },
);

it("another host in the header does not become the issuer's", async () => {
  const fetch = appWithIssuer("https://login.example.com", false);
  const headers = { host: "login.example.com", "x-forwarded-host": "login.example.com" };
  expect((await fetch(`https://sandi.workers.dev${JWKS}`, { headers })).status).toBe(404);
});

it.each(["/.well-known", "/.well-known/", "/.well-known/security.txt", "/.well-known/jwks.jsonx"])(
  "there is nothing at %s, and the API says so",
  async (path) => {
    const { status, headers } = await exports.default.fetch(`https://sandi.test${path}`);
    expect([status, headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  },
);

it("there is nothing below a document", async () => {
  expect((await exports.default.fetch(`https://sandi.test${JWKS}/x`)).status).toBe(404);
});
