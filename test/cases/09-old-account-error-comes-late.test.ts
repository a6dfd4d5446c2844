import { describe, expect, it, vi } from "vitest";
import { newNumber, statuses, unixNow, useDeployment } from "../deployment.ts";
import { begin, failed, newService, status } from "./rig.ts";

useDeployment();

const SECOND = 1000;
const THREE_DAYS = 3 * 86_400;
const sends = async (service: ReturnType<typeof newService>) =>
  (await service.start({ to: newNumber() })).status;
const at = (timestamp: number) => ({ timestamp: String(timestamp) });

describe("09-old-account-error-comes-late", () => {
  it("a failure of three days ago opens nothing, with and without our callback data", async () => {
    const service = newService();
    const begun = await begin(service);
    const old = failed(begun, 131042, at(unixNow() - THREE_DAYS));
    const stranger = { id: "wamid.X", recipient_id: "6281200099988", biz_opaque_callback_data: undefined };
    expect(await service.webhook(old)).toBe(200);
    expect(await service.webhook(failed(begun, 131042, { ...at(unixNow() - THREE_DAYS), ...stranger }))).toBe(
      200,
    );
    expect(await sends(service)).toBe(201);
  });

  it.each([131042, 131031, 368, 190])(
    "a recent failure with %i about a message that was not sent here opens nothing",
    async (code) => {
      const service = newService();
      const begun = await begin(service);
      const stranger = { id: "wamid.X", biz_opaque_callback_data: "another system's" };
      await service.webhook(failed({ ...begun, to: newNumber() }, code, stranger));
      await service.webhook(failed({ ...begun, id: "vrf_00000000000000000000000000" }, code));
      expect(await sends(service)).toBe(201);
    },
  );

  it("a failure that is older than a message which was sent since opens nothing", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = newService();
    const late = await begin(service);
    const failedAt = unixNow();
    vi.setSystemTime(Date.now() + 20 * SECOND);
    const working = await begin(service);
    await service.webhook(statuses(status(working, "sent")));
    await service.webhook(failed(late, 131042, at(failedAt)));
    expect(await sends(service)).toBe(201);
  });

  it("a repeat of a failure that was acted on opens nothing once messages go out again, in any isolate", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = newService();
    const webhook = failed(await begin(service), 131042);
    await service.webhook(webhook);
    expect(await sends(service)).toBe(503);
    vi.setSystemTime(Date.now() + 61 * SECOND);
    // The probe works.
    expect(await sends(service)).toBe(201);
    const { body } = await vi.waitFor(async () => {
      const health = await service.call("GET", "/health");
      expect(health.body.resting).toEqual([]);
      return health;
    });
    expect(body.status).toBe("ok");
    for (const isolate of [service, newService()]) {
      expect(await isolate.webhook(webhook)).toBe(200);
      expect(await sends(isolate)).toBe(201);
    }
  });
});
