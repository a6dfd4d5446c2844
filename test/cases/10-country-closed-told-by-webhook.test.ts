import { describe, expect, it } from "vitest";
import { newNumber, useDeployment } from "../deployment.ts";
import { begin, failed, newService } from "./rig.ts";

useDeployment();

describe("10-country-closed-told-by-webhook", () => {
  it("the next user of a country that a failed status reports as closed gets the code by SMS at once", async () => {
    const service = newService();
    const begun = await begin(service, { purpose: "either" });
    expect(await service.webhook(failed(begun, 130497))).toBe(200);
    const next = await service.start({ to: newNumber(), purpose: "either" });
    expect(next).toMatchObject({
      status: 201,
      body: { messages: [{ channel: "whatsapp", error: { code: "circuit_open" } }, { channel: "sms" }] },
    });
  });

  it("a user of another country gets the code over WhatsApp", async () => {
    const service = newService();
    await service.webhook(failed(await begin(service, { purpose: "either" }), 130497));
    const { body } = await service.start({ to: "+14155550123", purpose: "either" });
    expect(body.messages).toMatchObject([{ channel: "whatsapp", error: null }]);
  });

  it("a status of a message that this deployment did not send closes no country", async () => {
    const service = newService();
    const begun = await begin(service, { purpose: "either" });
    await service.webhook(failed({ ...begun, id: "vrf_00000000000000000000000000" }, 130497));
    const { body } = await service.start({ to: newNumber(), purpose: "either" });
    expect(body.messages).toMatchObject([{ channel: "whatsapp", error: null }]);
  });
});
