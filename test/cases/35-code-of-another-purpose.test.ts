import { describe, expect, it, vi } from "vitest";
import { api, check, codeSentTo, newNumber, start, useDeployment } from "../deployment.ts";

const deployment = useDeployment();

describe("35-code-of-another-purpose", () => {
  it("the login's code is wrong for a pending recovery, by id and by number, and costs an attempt", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const to = newNumber();
    await start({ to, purpose: "login", code: "482913" });
    vi.setSystemTime(Date.now() + 60_000);
    const { body: recovery } = await start({ to, purpose: "recovery", code: "210078" });
    expect((await check(recovery.id, "482913")).body).toMatchObject({ valid: false, attempts_remaining: 4 });
    const request = { to, purpose: "recovery", code: "482913" };
    const { body } = await api("POST", "/v1/verifications/check", request);
    expect(body).toMatchObject({ id: recovery.id, valid: false, attempts_remaining: 3 });
    expect((await check(recovery.id, await codeSentTo(deployment, to))).body.valid).toBe(true);
  });
});
