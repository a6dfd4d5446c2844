import { describe, expect, it } from "vitest";
import { start, useDeployment } from "../deployment.ts";

const deployment = useDeployment();

describe("40-trunk-zero", () => {
  it("a number with the trunk zero after its country code is refused", async () => {
    const { status, body } = await start({ to: "+4901761234567" });
    expect([status, body.code]).toEqual([400, "invalid_phone_number"]);
    expect(deployment.graphCalls).toEqual([]);
  });
});
