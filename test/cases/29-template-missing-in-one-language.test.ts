import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { messagesTo, newNumber, useDeployment } from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";
import { newService, refuseSends } from "./rig.ts";

const deployment = useDeployment();
const MISSING = { code: 132001, message: "(#132001) Template name does not exist in the translation" };

const languageOf = async (to: string) => (await messagesTo(deployment, to))[0]?.language;

describe("29-template-missing-in-one-language", () => {
  it("the users of the missing language get the code in the default language in the same call, the second without a call that WhatsApp refuses", async () => {
    const service = newService();
    const refused = refuseSends(deployment, MISSING, "fr");
    for (let user = 0; user < 2; user += 1) {
      const to = newNumber();
      const { status, body } = await service.start({ to, locale: "fr" });
      expect(status).toBe(201);
      expect(body.messages).toMatchObject([
        { template: "verification_code", language: "en_US", error: null },
      ]);
      expect(await languageOf(to)).toBe("en_US");
      const check = await service.call("POST", `/v1/verifications/${body.id}/check`, {
        code: (await messagesTo(deployment, to))[0]?.code,
      });
      expect(check.body.valid).toBe(true);
    }
    expect(refused).toHaveLength(1);
  });

  it("the users of the other languages get theirs", async () => {
    const service = newService();
    refuseSends(deployment, MISSING, "fr");
    await service.start({ to: newNumber(), locale: "fr" });
    const { body } = await service.start({ to: newNumber(), locale: "es" });
    expect(body.messages).toMatchObject([{ language: "es" }]);
  });

  it("the answer of a resend and of a read names the language that was sent", async () => {
    const service = newService();
    refuseSends(deployment, MISSING, "fr");
    const { body } = await service.start({ to: newNumber(), locale: "fr" });
    const read = await service.call("GET", `/v1/verifications/${body.id}`);
    expect(read.body.messages).toMatchObject([{ template: "verification_code", language: "en_US" }]);
  });

  it("the fallback template is sent where the policy's template is missing in every language", async () => {
    const service = new GuardedService({}, { PURPOSES: { login: { template: "brief" } } });
    const languages = { fr: { status: "APPROVED" }, en_US: { status: "APPROVED" } };
    const brief = { name: "brief", category: "authentication", languages };
    await env.TEMPLATES.put("template/brief", JSON.stringify(brief));
    // The simulator has no template of this name.
    const { status, body } = await service.start({ to: newNumber(), locale: "fr" });
    expect([status, body.messages[0].template, body.messages[0].language]).toEqual([
      201,
      "verification_code",
      "fr",
    ]);
  });

  it("the problem names the template where none is left, and the next one the real time to wait", async () => {
    const service = newService();
    refuseSends(deployment, MISSING);
    const first = await service.start({ to: newNumber(), locale: "en-US" });
    expect(first).toMatchObject({
      status: 502,
      body: {
        code: "channel_failed",
        provider: { code: "132001", template: "verification_code", language: "en_US" },
        detail: expect.stringContaining("verification_code in en_US"),
      },
    });
    const second = await service.start({ to: newNumber(), locale: "en-US" });
    expect(second).toMatchObject({
      status: 503,
      body: { provider: { code: "circuit_open", template: "verification_code", language: "en_US" } },
    });
    expect(second.body.provider.title).not.toContain("sender");
    const wait = Number(second.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(25);
    expect(wait).toBeLessThanOrEqual(30);
  });
});
