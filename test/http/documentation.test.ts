import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { documentation } from "../../src/http/documentation.ts";

/** As Firefox sends it. */
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

function root(accept: string | null): Promise<Response> {
  const headers: Record<string, string> = accept === null ? {} : { accept };
  return exports.default.fetch("https://sandi.test/", { headers });
}

describe("The root of a Worker", () => {
  it("answers a browser with a page that links to the API reference and, in development, to the simulator and the sample app", async () => {
    const response = await root(BROWSER);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("vary")).toBe("accept");
    const page = await response.text();
    expect(page).toContain('href="/docs"');
    expect(page).toContain(`href="${env.WHATSAPP_BASE_URL}"`);
    expect(page).toContain(`href="${env.WHATSAPP_BASE_URL}/shop"`);
    expect(page.replaceAll(/<[^>]*>/g, "")).toContain("curl https://sandi.test/v1/verifications");
    expect(page).not.toContain(".invalid");
  });

  it("does not mention the simulator in a deployment", async () => {
    const app = documentation(env.ASSETS, null);
    const response = await app.request("https://sandi.test/", { headers: { accept: BROWSER } });
    const page = await response.text();
    expect(page).toContain('href="/docs"');
    expect(page).not.toMatch(/simulator|sample/);
  });

  it.each([null, "*/*", "application/json"])(
    "answers a client that accepts %s with a problem",
    async (accept) => {
      const response = await root(accept);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await response.json()).toMatchObject({ status: 404, code: "not_found" });
    },
  );
});
