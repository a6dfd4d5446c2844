import { describe, expect, it } from "vitest";
import { newNumber, useDeployment } from "../deployment.ts";
import { userMessage } from "../verification/message-first-rig.ts";
import { GuardedService } from "./guarded-service.ts";

useDeployment();

const signUp = (service: GuardedService, more: object = {}) =>
  service.start(Object.assign({ purpose: "signup", method: "message", session: crypto.randomUUID() }, more));

describe("A start by a message", () => {
  it("passes the block list, the destinations and the named limits as any start does", async () => {
    const service = new GuardedService({
      destinations: { countries_denied: ["FR"] },
      named_limits: { windows: { account: "1 per day" } },
    });
    const blocked = newNumber();
    await service.call("POST", "/v1/guard/lists/block", { number: blocked, note: "test" });
    expect((await signUp(service, { to: blocked })).body.code).toBe("destination_not_allowed");
    expect((await signUp(service, { to: "+33612345678" })).body.code).toBe("destination_not_allowed");
    const limits = { account: "u_42" };
    expect((await signUp(service, { limits })).status).toBe(201);
    expect((await signUp(service, { to: newNumber(), limits })).body.code).toBe("rate_limited");
  });

  it("costs nothing, so that a cap of the day's sends neither stops nor counts it", async () => {
    const service = new GuardedService({ caps: { mode: "enforce", sends_per_day: 1 } });
    for (let count = 0; count < 3; count += 1) expect((await signUp(service)).status).toBe(201);
    expect((await service.start({ to: newNumber() })).status).toBe(201);
    expect((await service.start({ to: newNumber() })).body.code).toBe("traffic_blocked");
    expect((await signUp(service)).status).toBe(201);
  });

  it("is refused for a number whose owner has said twice that it was not them", async () => {
    const service = new GuardedService({});
    const to = newNumber();
    for (let count = 0; count < 2; count += 1) {
      const { body } = await signUp(service, { to });
      const text = { body: body.message_first.text };
      await service.webhook(userMessage(to, { type: "text", text }));
      const button_reply = { id: `not_me:${body.id}`, title: "Bukan saya" };
      await service.webhook(
        userMessage(to, { type: "interactive", interactive: { type: "button_reply", button_reply } }),
      );
      const { body: after } = await service.call("GET", `/v1/verifications/${body.id}`);
      expect(after).toMatchObject({ status: "failed", reason: "denied_by_user" });
    }
    expect((await signUp(service, { to })).body.code).toBe("send_limit_reached");
  });
});
