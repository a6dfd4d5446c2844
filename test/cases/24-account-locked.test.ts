import { describe, expect, it, vi } from "vitest";
import { messagesTo, newNumber, useDeployment } from "../deployment.ts";
import { begin, failed, newService } from "./rig.ts";

const deployment = useDeployment();

describe("24-account-locked", () => {
  it("the user whose message failed is told at once", async () => {
    const service = newService();
    const begun = await begin(service);
    expect(await service.webhook(failed(begun, 131031))).toBe(200);
    const { body } = await service.call("GET", `/v1/verifications/${begun.id}`);
    expect(body).toMatchObject({ status: "failed", reason: "undeliverable" });
    expect(body.messages[0].error.code).toBe("131031");
  });

  it("the others get the code by SMS at once, or 503 with the time until the next attempt", async () => {
    const service = newService();
    await service.webhook(failed(await begin(service), 131031));
    const to = newNumber();
    const bySms = await service.start({ to, purpose: "either" });
    expect(bySms).toMatchObject({ status: 201, body: { channel: "sms" } });
    await vi.waitFor(async () => expect(await messagesTo(deployment, to)).toHaveLength(1));
    const refused = await service.start({ to: newNumber() });
    expect(refused).toMatchObject({
      status: 503,
      body: { code: "channel_unavailable", provider: { title: "Every sender is paused after an error" } },
    });
    const wait = Number(refused.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
  });

  it("the health page names the error", async () => {
    const service = newService();
    await service.webhook(failed(await begin(service), 131031));
    const { body } = await service.call("GET", "/health");
    expect(body.resting).toMatchObject([{ circuit: "account", error: { code: "131031" } }]);
  });
});
