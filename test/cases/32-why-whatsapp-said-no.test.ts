import { describe, expect, it } from "vitest";
import { api, newNumber, statuses, useDeployment, webhook } from "../deployment.ts";
import { begin, newService, refuseSends, status } from "./rig.ts";

const deployment = useDeployment();

const linesWith = (text: string) =>
  deployment.logLines.map((line) => JSON.parse(line)).filter(({ message }) => message === text);

describe("32-why-whatsapp-said-no", () => {
  it.each([
    [100, 2494010, "Param to is not valid for +62 812-1000-0001"],
    [131008, undefined, "Parameter of type text is missing text value"],
    [132012, undefined, "body: number of params (1) does not match for 6281210000001"],
  ])(
    "the log has what Meta said about a send refused with %i, without numbers",
    async (code, subcode, details) => {
      const error = {
        code,
        error_subcode: subcode,
        error_data: { messaging_product: "whatsapp", details },
        fbtrace_id: "AbCdEf0123456",
      };
      refuseSends(deployment, error);
      const { body } = await newService().start({ to: newNumber() });
      const [line] = linesWith("WhatsApp refused a message");
      expect(line).toMatchObject({ code, fbtrace_id: "AbCdEf0123456" });
      expect(line.subcode).toBe(subcode);
      expect(line.details.slice(0, 12)).toBe(details.slice(0, 12));
      expect(line.details).not.toMatch(/6281210000001|1000-0001/);
      expect(body.provider.details).toBe(line.details);
    },
  );

  it("neither the log nor the answer has a code that Meta quotes", async () => {
    const code = "482913";
    refuseSends(deployment, {
      code: 131009,
      error_data: { details: `Parameter value ${code} is not valid` },
    });
    const { text } = await newService().start({ to: newNumber(), code });
    expect(text).toContain("Parameter value *** is not valid");
    expect(deployment.logLines.join()).not.toContain(code);
  });

  it.each([
    [132012, "a bug", "Parameter format does not match"],
    [131037, "a setting", "Display name is not approved"],
    [131026, "the recipient", undefined],
  ])(
    "the details of a failed status with %i, which is about %s, reach key holders: %s",
    async (code, _, shown) => {
      const service = newService();
      const begun = await begin(service);
      const details = shown ?? "Message undeliverable to 6281210000001";
      const errors = [{ code, title: "t", error_data: { details }, fbtrace_id: "Xyz" }];
      expect((await webhook(statuses(status(begun, "failed", { errors })))).status).toBe(200);
      const { body } = await api("GET", `/v1/verifications/${begun.id}`);
      expect(body.messages[0].error.details).toBe(shown);
      const [line] = linesWith("WhatsApp reported messages as failed");
      expect(line).toMatchObject({ code, fbtrace_id: "Xyz", count: 1 });
      expect(JSON.stringify(line)).not.toContain("6281210000001");
    },
  );
});
