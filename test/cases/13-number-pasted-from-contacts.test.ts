import { describe, expect, it } from "vitest";
import { messagesTo, start, useDeployment } from "../deployment.ts";

const deployment = useDeployment();

describe("13-number-pasted-from-contacts", () => {
  it.each([
    ["\u202a+6281299900011\u202c", "+6281299900011"],
    ["+62 812-9990-0012", "+6281299900012"],
    ["+62\u00a0812 9990 0013", "+6281299900013"],
  ])("the number %j is taken, and the answer spells it in E.164", async (to, number) => {
    const { status, body } = await start({ to });
    expect([status, body.to]).toEqual([201, number]);
    expect(await messagesTo(deployment, number)).toHaveLength(1);
  });

  it.each(["006281299900014", "6281299900015"])(
    "the number %j is refused: it has no plus sign",
    async (to) => {
      const { status, body } = await start({ to });
      expect([status, body.code, body.errors[0].pointer]).toEqual([400, "invalid_phone_number", "/to"]);
      expect(body.errors[0].detail).toContain("plus sign");
    },
  );

  it("the fault names the character that is in the way", async () => {
    const { body } = await start({ to: "+62812x99900016" });
    expect(body.errors[0].detail).toContain('"x" (U+0078)');
  });
});
