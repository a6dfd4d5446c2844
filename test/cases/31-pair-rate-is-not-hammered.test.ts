import { describe, expect, it, vi } from "vitest";
import { control, newNumber, useDeployment } from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";
import { SHIPPED_LIMITS } from "./shipped-limits.ts";

const deployment = useDeployment();
const SECOND = 1000;

const retryAfter = (headers: Headers) => Number(headers.get("retry-after"));

async function pairRateRefusals(count: number) {
  const fail_next = Array.from({ length: count }, () => ({ http_status: 400, code: 131056 }));
  await control(deployment, "PUT", "/behaviour", { fail_next });
}

describe("31-pair-rate-is-not-hammered", () => {
  it("of three starts one after the other, only the first reaches WhatsApp, and the others are told to wait", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    await pairRateRefusals(9);
    const service = new GuardedService({}, SHIPPED_LIMITS);
    const to = newNumber();
    const first = await service.start({ to });
    expect([first.status, first.body.code]).toEqual([503, "channel_unavailable"]);
    expect(retryAfter(first.headers)).toBeGreaterThanOrEqual(6);
    vi.setSystemTime(Date.now() + SECOND);
    for (let again = 0; again < 2; again += 1) {
      const refused = await service.start({ to });
      expect(refused).toMatchObject({ status: 429, body: { code: "resend_too_soon" } });
      expect(retryAfter(refused.headers)).toBe(5);
    }
    expect(deployment.graphCalls).toHaveLength(1);
  });

  it("the wait grows with each refusal: 6 s, 24 s, 96 s", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    await pairRateRefusals(9);
    const service = new GuardedService({}, { NUMBER_LIMITS: { sends: "100 per day" } });
    const to = newNumber();
    const waits: number[] = [];
    for (let start = 0; start < 3; start += 1) {
      const wait = retryAfter((await service.start({ to })).headers);
      waits.push(wait);
      vi.setSystemTime(Date.now() + wait * SECOND);
    }
    expect(waits).toEqual([6, 24, 96]);
    expect(deployment.graphCalls).toHaveLength(3);
  });
});
