import { expect, it, vi } from "vitest";
import { SHIPPED_LIMITS } from "../cases/shipped-limits.ts";
import { control, newNumber, useDeployment } from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";

const deployment = useDeployment();

it("of 400 sends to one number that WhatsApp refuses, at most those of the windows reach WhatsApp", async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  const fail_next = Array.from({ length: 400 }, () => ({ http_status: 400, code: 131026 }));
  await control(deployment, "PUT", "/behaviour", { fail_next });
  const service = new GuardedService({}, SHIPPED_LIMITS);
  const to = newNumber();
  const reached: number[] = [];
  for (let send = 0; send < 400; send += 1) {
    const before = deployment.graphCalls.length;
    await service.start({ to, purpose: ["login", "signup", "recovery"][send % 3], session: `${send % 7}` });
    if (deployment.graphCalls.length > before) reached.push(send);
    vi.setSystemTime(Date.now() + 1000);
  }
  // In 400 seconds: three in two minutes, and six in the hour.
  expect(reached).toHaveLength(6);
  expect(deployment.graphCalls).toHaveLength(6);
}, 60_000);
