import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { useDeployment } from "../deployment.ts";

useDeployment();

const shake = (token: string) => {
  const query = { "hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token };
  return exports.default.fetch(`https://sandi.test/webhooks/whatsapp?${new URLSearchParams(query)}`);
};

describe("39-handshake-needs-no-signature", () => {
  it("Meta's GET without a signature is answered with the challenge for the right token", async () => {
    const response = await shake(env.WHATSAPP_VERIFY_TOKEN);
    expect([response.status, await response.text()]).toEqual([200, "1158201444"]);
  });

  it("Meta's GET with a wrong token is refused with 403", async () => {
    expect((await shake("another")).status).toBe(403);
  });
});
