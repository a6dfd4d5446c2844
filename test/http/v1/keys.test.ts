import { describe, expect, it } from "vitest";
import { api, newNumber, start, useDeployment } from "../../deployment.ts";

const deployment = useDeployment();

async function keyOf(app: string, scopes: readonly string[]): Promise<Record<string, string>> {
  const { body } = await api("POST", "/v1/keys", { name: `Backend of ${app}`, scopes, app });
  return { authorization: `Bearer ${body.key}` };
}

describe("POST /v1/keys", () => {
  it("an API key belongs to the default app unless the request names another", async () => {
    const unnamed = await api("POST", "/v1/keys", { name: "Backend", scopes: ["verifications"] });
    expect(unnamed).toMatchObject({ status: 201, body: { app: "default" } });
    const named = await api("POST", "/v1/keys", { name: "Shop", scopes: ["verifications"], app: "shop" });
    expect(named).toMatchObject({ status: 201, body: { app: "shop" } });
    const { body } = await api("GET", "/v1/keys");
    const apps = body.data.map(({ app }: { app: string }) => app);
    expect(apps.sort()).toEqual(["default", "shop"]);
  });

  it.each(["unknown", "Shop", ""])("an API key for the app %j is refused", async (app) => {
    const answer = await api("POST", "/v1/keys", { name: "Backend", scopes: ["verifications"], app });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(answer.body.errors).toMatchObject([{ pointer: "/app" }]);
  });
});

describe("Sandi-App", () => {
  it("an app that the deployment does not have is refused, whoever names it", async () => {
    const shop = await keyOf("shop", ["verifications"]);
    for (const headers of [{ "sandi-app": "unknown" }, { ...shop, "sandi-app": "unknown" }]) {
      const answer = await start({ to: newNumber() }, headers);
      expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    }
    expect(deployment.graphCalls).toEqual([]);
  });

  it("an API key may name its own app and no other", async () => {
    const shop = await keyOf("shop", ["verifications", "admin"]);
    expect((await start({ to: newNumber() }, { ...shop, "sandi-app": "shop" })).status).toBe(201);
    const other = await start({ to: newNumber() }, { ...shop, "sandi-app": "default" });
    expect(other).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });
});

describe("A log line", () => {
  it("a request's log line names the API key by its id", async () => {
    const { body } = await api("POST", "/v1/keys", { name: "Backend", scopes: ["reports"] });
    await api("GET", "/v1/stats", undefined, { authorization: `Bearer ${body.key}` });
    const lines = deployment.logLines.map((line) => JSON.parse(line));
    const requests = lines.filter(({ message }) => message === "request");
    expect(requests.map(({ caller }) => caller)).toEqual(["operator", body.id]);
    expect(JSON.stringify(lines)).not.toContain(body.key);
  });
});
