import { describe, expect, it } from "vitest";
import { api, newNumber, start, useDeployment } from "../../deployment.ts";

const deployment = useDeployment();

describe("the channels of a policy", () => {
  it("a start that names a channel outside its policy is refused, and sends nothing", async () => {
    for (const channels of [["sms"], ["whatsapp", "sms"]]) {
      const { status, body } = await start({ to: newNumber(), purpose: "recovery", channels });
      expect([status, body.code]).toEqual([400, "invalid_request"]);
      expect(body.errors).toEqual([
        { pointer: "/channels", detail: "The policy of this purpose has these channels: whatsapp." },
      ]);
    }
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("a start may name some of its policy's channels, in another order", async () => {
    for (const channels of [["sms"], ["sms", "whatsapp"]]) {
      const { status, body } = await start({ to: newNumber(), purpose: "either", channels });
      expect([status, body.channel]).toEqual([201, "sms"]);
    }
  });

  it("a resend that names a channel outside the policy is refused, and sends nothing", async () => {
    const { body } = await start({ to: newNumber(), purpose: "recovery" });
    const again = await api("POST", `/v1/verifications/${body.id}/resend`, { channel: "sms" });
    expect(again).toMatchObject({
      status: 400,
      body: { code: "invalid_request", errors: [{ pointer: "/channel" }] },
    });
    expect(deployment.graphCalls).toHaveLength(1);
  });
});

describe("a code that the caller brings", () => {
  it.each(["4829", "48291"])("is refused when it is shorter than the policy's: %s", async (code) => {
    const { status, body } = await start({ to: newNumber(), code });
    expect([status, body.code]).toEqual([400, "invalid_request"]);
    expect(body.errors).toEqual([
      { pointer: "/code", detail: "The code is shorter than the code_length of this purpose." },
    ]);
    expect(deployment.graphCalls).toHaveLength(0);
  });

  it("is named beside the other faults when it is too short, and once", async () => {
    const { body } = await start({ to: "nobody", code: "4829" });
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(["/to", "/code"]);
    const shorter = await start({ to: newNumber(), code: "1" });
    expect(shorter.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(["/code"]);
  });
});
