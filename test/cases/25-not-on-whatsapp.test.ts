import { describe, expect, it, vi } from "vitest";
import { messagesTo, useDeployment } from "../deployment.ts";
import { begin, failed, newService } from "./rig.ts";

const deployment = useDeployment();

describe("25-not-on-whatsapp", () => {
  it("a number that is not on WhatsApp gets the same code by SMS, and the verification tells of both messages", async () => {
    const service = newService();
    const begun = await begin(service, { purpose: "either" });
    await service.webhook(failed(begun, 131026));
    await vi.waitFor(async () => expect(await messagesTo(deployment, begun.to)).toHaveLength(2));
    const [sms, whatsapp] = await messagesTo(deployment, begun.to);
    expect([sms?.channel, sms?.code]).toEqual(["sms", whatsapp?.code]);
    const { body } = await service.call("GET", `/v1/verifications/${begun.id}`);
    expect(body).toMatchObject({
      status: "pending",
      channel: "sms",
      messages: [{ status: "failed", error: { code: "131026" } }, { channel: "sms" }],
    });
  });

  it("a number that is not on WhatsApp fails its verification as undeliverable where there is no other channel", async () => {
    const service = newService();
    const begun = await begin(service);
    await service.webhook(failed(begun, 131026));
    const { body } = await service.call("GET", `/v1/verifications/${begun.id}`);
    expect(body).toMatchObject({
      status: "failed",
      reason: "undeliverable",
      messages: [{ status: "failed", error: { code: "131026" } }],
    });
  });
});
