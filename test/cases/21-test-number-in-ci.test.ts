import { describe, expect, it } from "vitest";
import { useDeployment } from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";
import { SHIPPED_LIMITS } from "./shipped-limits.ts";

const deployment = useDeployment();
const NUMBER = "+6281200000001";
const CODE = "246810";

function deployed() {
  const test_numbers = [{ number: NUMBER, code: CODE, until: "2099-12-31" }];
  return new GuardedService({ test_numbers }, SHIPPED_LIMITS);
}

describe("21-test-number-in-ci", () => {
  it("thirteen logins in a row all pass, and nothing is sent", async () => {
    const service = deployed();
    for (let login = 0; login < 13; login += 1) {
      const { status, body } = await service.start({ to: NUMBER });
      expect(status).toBe(201);
      const checked = await service.call("POST", `/v1/verifications/${body.id}/check`, { code: CODE });
      expect(checked.body.valid).toBe(true);
    }
    expect(deployment.graphCalls).toEqual([]);
  });

  it("two starts in a row pass as well", async () => {
    const service = deployed();
    const statuses = [await service.start({ to: NUMBER }), await service.start({ to: NUMBER })];
    expect(statuses.map(({ status }) => status)).toEqual([201, 200]);
  });

  it("locks after wrong codes stay", async () => {
    const service = deployed();
    for (let round = 0; round < 2; round += 1) {
      const { body } = await service.start({ to: NUMBER });
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await service.call("POST", `/v1/verifications/${body.id}/check`, { code: "111111" });
      }
    }
    expect((await service.start({ to: NUMBER })).body.code).toBe("number_locked");
  });
});
