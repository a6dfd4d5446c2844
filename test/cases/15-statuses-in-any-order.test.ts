import { describe, expect, it } from "vitest";
import { statuses, useDeployment } from "../deployment.ts";
import { type Begun, begin, failed, newService, status } from "./rig.ts";

useDeployment();

const stateOf = async (service: ReturnType<typeof newService>, { id }: Begun) =>
  (await service.call("GET", `/v1/verifications/${id}`)).body.messages[0];

describe("15-statuses-in-any-order", () => {
  it("read stands after delivered and sent, each repeated", async () => {
    const service = newService();
    const begun = await begin(service);
    for (const name of ["read", "delivered", "sent", "delivered", "delivered"]) {
      expect(await service.webhook(statuses(status(begun, name)))).toBe(200);
    }
    expect(await stateOf(service, begun)).toMatchObject({ status: "read", error: null });
  });

  it("failed stands after sent", async () => {
    const service = newService();
    const begun = await begin(service);
    await service.webhook(failed(begun, 131026));
    await service.webhook(statuses(status(begun, "sent")));
    expect(await stateOf(service, begun)).toMatchObject({ status: "failed", error: { code: "131026" } });
  });
});
