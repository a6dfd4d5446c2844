import { describe, expect, it } from "vitest";
import { check, codeSentTo, newNumber, start, useDeployment, wrong } from "../deployment.ts";

const deployment = useDeployment();

describe("35-code-of-another-purpose", () => {
  it("login's code is not valid for a pending recovery, and is charged", async () => {
    const to = newNumber();
    const login = await start({ to, code: "482913" });
    const loginCode = await codeSentTo(deployment, to);
    const recovery = await start({ to, purpose: "recovery", code: wrong(loginCode) });
    expect(recovery.body.id).not.toBe(login.body.id);
    expect((await check(recovery.body.id, loginCode)).body).toMatchObject({
      valid: false,
      status: "pending",
      attempts_remaining: 4,
    });
    expect((await check(login.body.id, loginCode)).body.valid).toBe(true);
  });
});
