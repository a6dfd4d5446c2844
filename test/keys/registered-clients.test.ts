import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { NewClient } from "../../src/keys/oauth-client.ts";
import { OAuthClients } from "../../src/keys/oauth-clients.ts";
import { RegisteredClients } from "../../src/keys/registered-clients.ts";
import { DAY_MS } from "../../src/platform/time.ts";
import { useDeployment } from "../deployment.ts";

useDeployment();

const SHOP: NewClient = {
  app: DEFAULT_APP,
  clientName: "Example Shop",
  redirectUris: ["https://shop.example/callback"],
  applicationType: "web",
  tokenEndpointAuthMethod: "client_secret_basic",
  idTokenSignedResponseAlg: "RS256",
  scope: ["openid", "phone"],
  subjectType: "public",
  requirePkce: true,
  requirePushedAuthorizationRequests: false,
  authorizationDetailsTypes: [],
  purpose: "login",
  claimAliases: false,
  placeholders: null,
  logoUri: null,
  policyUri: null,
  tosUri: null,
};

/** A client that was just registered, as this isolate and a fresh one read it. */
async function registered(changed: Partial<NewClient> = {}) {
  const clients = new OAuthClients(env.OAUTH_CLIENTS);
  const created = await clients.create({ ...SHOP, ...changed });
  if (created.kind !== "created") throw new Error("It was refused");
  return { ...created, id: created.client.id, clients, directory: new RegisteredClients(clients) };
}

const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

describe("a registered client", () => {
  it("is read once a minute", async () => {
    const { id, client, clients, directory } = await registered();
    const reads = vi.spyOn(clients, "open");
    expect(await directory.get(id)).toEqual(client);
    later(59_000);
    await directory.get(id);
    expect(reads).toHaveBeenCalledTimes(1);
    later(2_000);
    await directory.get(id);
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it("authenticates with its secret alone", async () => {
    const { id, secret, directory } = await registered();
    expect(await directory.authenticate(id, secret ?? "")).toBe(true);
    for (const other of ["", "x", `${secret}x`, (secret ?? "").slice(1), id]) {
      expect(await directory.authenticate(id, other)).toBe(false);
    }
    expect(await directory.authenticate(`${id.slice(0, -2)}00`, secret ?? "")).toBe(false);
  });

  it("authenticates with the secret before a rotation for a day", async () => {
    const { id, secret, clients } = await registered();
    const rotated = await clients.rotate(id, null);
    const fresh = new RegisteredClients(clients);
    expect(await fresh.authenticate(id, secret ?? "")).toBe(true);
    if (rotated.kind !== "rotated") throw new Error("It was not rotated");
    expect(await fresh.authenticate(id, rotated.secret)).toBe(true);
    later(DAY_MS + 1);
    expect(await fresh.authenticate(id, secret ?? "")).toBe(false);
    expect(await fresh.authenticate(id, rotated.secret)).toBe(true);
  });

  it("that has no secret authenticates with none", async () => {
    const { id, directory } = await registered({ tokenEndpointAuthMethod: "none" });
    expect(await directory.get(id)).toMatchObject({ tokenEndpointAuthMethod: "none" });
    expect(await directory.authenticate(id, "")).toBe(false);
  });

  it("that was deleted is gone after a minute", async () => {
    const { id, clients, directory } = await registered();
    expect(await directory.get(id)).not.toBeNull();
    await clients.delete(id, null);
    later(61_000);
    expect(await directory.get(id)).toBeNull();
  });

  it("is not found under a text that is no id, without a read of KV", async () => {
    const { directory } = await registered();
    const reads = vi.spyOn(env.OAUTH_CLIENTS, "get");
    for (const text of ["", "cli_", "cli_shop", "clients/x", "x".repeat(600)]) {
      expect(await directory.get(text)).toBeNull();
    }
    expect(reads).not.toHaveBeenCalled();
  });
});
