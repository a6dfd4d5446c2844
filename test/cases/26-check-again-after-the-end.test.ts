import { describe, expect, it, vi } from "vitest";
import { codeSentTo, newNumber, useDeployment } from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";
import { SHIPPED_LIMITS } from "./shipped-limits.ts";

const deployment = useDeployment();

describe("26-check-again-after-the-end", () => {
  it("a second check is approved and not valid, by id and by number, and the next start begins at once", async () => {
    const service = new GuardedService({}, SHIPPED_LIMITS);
    const to = newNumber();
    const { body } = await service.start({ to });
    const code = await codeSentTo(deployment, to);
    const checkById = () => service.call("POST", `/v1/verifications/${body.id}/check`, { code });
    expect((await checkById()).body).toMatchObject({ valid: true, status: "approved" });
    expect((await checkById()).body).toMatchObject({ valid: false, status: "approved" });
    const byNumber = await service.call("POST", "/v1/verifications/check", { to, code });
    expect(byNumber.body).toMatchObject({ id: body.id, valid: false, status: "approved" });
    expect((await service.start({ to })).status).toBe(201);
  });

  it("a check after the expiry is expired and not valid, and the next start begins", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService({}, SHIPPED_LIMITS);
    const to = newNumber();
    const { body } = await service.start({ to, purpose: "login" });
    const code = await codeSentTo(deployment, to);
    vi.setSystemTime(Date.now() + 300_000);
    const checked = await service.call("POST", `/v1/verifications/${body.id}/check`, { code });
    expect(checked.body).toMatchObject({ valid: false, status: "expired" });
    expect((await service.start({ to })).status).toBe(201);
  });
});
