import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import type { CodeText } from "../../src/codes/code.ts";
import { closingsOf, type Event } from "../../src/events/event.ts";
import { mergeTallies } from "../../src/guard/budget/tally.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { START_REQUEST } from "../verification/fixtures.ts";
import { divertEvents, GuardedService } from "./guarded-service.ts";

/** Codes that the caller checks itself, such as those of an auth platform's hook. */

useDeployment();

const BUDGET = { budget: { mode: "enforce", hour: { floor: 2, of_best_day: 0, of_verified: 1 } } };
const HOOK = {
  ...START_REQUEST,
  codeCheckedBy: "caller",
  via: "kratos",
  code: "482913" as CodeText,
} as const;

async function startByHook(service: GuardedService, to = newNumber()) {
  const context = createExecutionContext();
  const background = (work: Promise<unknown>) => context.waitUntil(work);
  const response = await service.verifications.start({ ...HOOK, to: to as E164 }, null, background);
  await waitOnExecutionContext(context);
  return response;
}

async function idOf(service: GuardedService): Promise<string> {
  const response = await startByHook(service);
  if (response.kind !== "send_answer") throw new Error(`The start was answered with ${response.kind}`);
  return response.verification.id;
}

const startHere = (service: GuardedService, to = newNumber()) => service.start({ to });

/** Ends a verification, and returns the event. */
async function end(id: string, act: () => Promise<unknown>): Promise<Event> {
  const events = await divertEvents(id);
  await act();
  return vi.waitUntil(() =>
    events.find(({ type }) => type === "verification.approved" || type === "verification.canceled"),
  );
}

it("a range does not count codes that the caller checks, while they are open and after they ended without approval", async () => {
  const service = new GuardedService(BUDGET);
  const ids = [await idOf(service), await idOf(service), await idOf(service)];
  const asked = vi.spyOn(env.RANGES, "getByName");
  for (const id of ids) {
    await service.deliver([await end(id, () => service.call("DELETE", `/v1/verifications/${id}`))]);
  }
  expect(asked).not.toHaveBeenCalled();
  expect((await startHere(service)).status).toBe(201);
  expect((await startHere(service)).status).toBe(201);
  expect((await startHere(service)).body.code).toBe("traffic_blocked");
});

it("a range counts a code that the caller checks as verified once the caller approves it", async () => {
  const service = new GuardedService(BUDGET);
  const events: Event[] = [];
  for (let approved = 0; approved < 3; approved += 1) {
    const id = await idOf(service);
    events.push(await end(id, () => service.call("POST", `/v1/verifications/${id}/approve`)));
  }
  await service.deliver(events);
  for (let unverified = 0; unverified < 3; unverified += 1) {
    expect((await startHere(service)).status).toBe(201);
  }
  expect((await startHere(service)).body.code).toBe("traffic_blocked");
});

it("a blocked range refuses codes that the caller checks as well", async () => {
  const service = new GuardedService(BUDGET);
  for (let unverified = 0; unverified < 2; unverified += 1) await startHere(service);
  expect((await startHere(service)).body.code).toBe("traffic_blocked");
  expect(await startByHook(service)).toMatchObject({ kind: "blocked", match: { code: "traffic_blocked" } });
});

it("a code that the caller checks gives a range nothing back when its number refuses it, or when it is approved", async () => {
  const service = new GuardedService(BUDGET);
  const to = newNumber();
  await startHere(service, to);
  expect(await startByHook(service, to)).toMatchObject({ kind: "refused", code: "resend_too_soon" });
  const other = { session: "another session" };
  const hook = { ...HOOK, ...other, to: to as E164 };
  const response = await service.verifications.start(hook, null, () => {});
  if (response.kind !== "send_answer") throw new Error(`The start was answered with ${response.kind}`);
  const { id } = response.verification;
  const approval = await end(id, () => service.call("POST", `/v1/verifications/${id}/approve`));
  // One approval allows one unverified send, and the floor two.
  await service.deliver([approval]);
  expect((await startHere(service)).status).toBe(201);
  expect((await startHere(service)).body.code).toBe("traffic_blocked");
});

it("a hard cap counts codes that the caller checks", async () => {
  const service = new GuardedService({ caps: { sends_per_country_per_day: 1 } });
  expect(await startByHook(service)).toMatchObject({ kind: "send_answer" });
  expect(await startByHook(service)).toMatchObject({ kind: "blocked", match: { rule: "cap_country_sends" } });
});

it("the day's traffic counts a code that the caller checks once, and measures it only when it is approved", async () => {
  const counted = async () => {
    const shards = [0, 1, 2, 3].map((index) => env.TALLIES.getByName(`tally-${index}`));
    const tallies = await Promise.all(shards.map((shard) => shard.read()));
    const { hours = [], days = [] } = mergeTallies(tallies, Date.now()).ID?.counters ?? {};
    const sum = (slots: typeof hours, field: "sends" | "approvals") =>
      slots.reduce((total, slot) => total + slot[field], 0);
    return {
      hours: [sum(hours, "sends"), sum(hours, "approvals")],
      days: [sum(days, "sends"), sum(days, "approvals")],
    };
  };
  const service = new GuardedService({});
  const id = await idOf(service);
  expect(await counted()).toEqual({ hours: [0, 0], days: [1, 0] });
  const approval = await end(id, () => service.call("POST", `/v1/verifications/${id}/approve`));
  // An isolate that has reported nothing yet reports at once.
  await new GuardedService({}).deliver([approval]);
  await vi.waitFor(async () => expect(await counted()).toEqual({ hours: [1, 1], days: [1, 1] }));
});

it("the event of a verification names the API that started it and who checks its code, for the guard", async () => {
  const service = new GuardedService({});
  const id = await idOf(service);
  const closed = await end(id, () => service.call("DELETE", `/v1/verifications/${id}`));
  expect(closed).toMatchObject({ verification: { via: "kratos", codeCheckedBy: "caller" } });
  expect(closingsOf([closed], closed.at)).toMatchObject([{ codeCheckedBy: "caller" }]);
});
