import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { closingsOf, type Event } from "../../src/events/event.ts";
import { Ledger } from "../../src/guard/budget/ledger.ts";
import type { Tally } from "../../src/guard/budget/tally.ts";
import { guardSettings } from "../../src/guard/settings.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { LocationCache } from "../../src/platform/location-cache.ts";
import { api, codeSentTo, newNumber, statuses, useDeployment } from "../deployment.ts";
import { describeRuleInEveryMode, divertEvents, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();
const SMALL = { floor: 2, of_best_day: 0, of_verified: 1 };

/** Unverified sends, each to another number in one range of 10,000. */
async function pump(service: GuardedService, sends: number) {
  for (let send = 0; send < sends; send += 1) {
    expect((await service.start({ to: newNumber() })).status).toBe(201);
  }
}

const isApproval = ({ type }: Event) => type === "verification.approved";

async function approve(service: GuardedService, id: string, to: string) {
  const code = await codeSentTo(deployment, to);
  expect((await service.call("POST", `/v1/verifications/${id}/check`, { code })).body.valid).toBe(true);
}

describeRuleInEveryMode(
  "a range without verified sends",
  {
    rule: "range_hour",
    code: "traffic_blocked",
    limits: { quota: 2, window_seconds: 3600 },
    guard: (mode) => ({ budget: { mode, hour: SMALL } }),
    prepare: (service) => pump(service, 2),
    request: { to: newNumber() },
    figures: { range: newNumber().slice(0, -4), unverified: 2 },
  },
  deployment,
);

describeRuleInEveryMode(
  "a cap on the day's sends to a country",
  {
    rule: "cap_country_sends",
    code: "traffic_blocked",
    limits: { quota: 1, window_seconds: 86_400 },
    guard: (mode) => ({ caps: { mode, sends_per_country_per_day: 1 } }),
    prepare: (service) => pump(service, 1),
    request: { to: newNumber() },
    figures: { scope: "ID", sends: 1 },
  },
  deployment,
);

describe("a blocked range", () => {
  const settings = { budget: { mode: "enforce", hour: SMALL } };

  it("a blocked range leaves the other ranges of its country open", async () => {
    const service = new GuardedService(settings);
    await pump(service, 2);
    expect((await service.start({ to: newNumber() })).body.code).toBe("traffic_blocked");
    expect((await service.start({ to: "+6281399990001" })).status).toBe(201);
  });

  it("a blocked range is opened by an operator, by the range or a number in it, which is audited", async () => {
    const service = new GuardedService(settings);
    await pump(service, 2);
    const to = newNumber();
    expect((await service.start({ to })).status).toBe(429);
    const grounds = { reason: "our campaign" };
    const unblocked = await api("POST", "/v1/guard/unblock", { range: to.slice(0, -4), ...grounds });
    expect(unblocked.body).toMatchObject({ action: "unblockRange", target: to.slice(0, -4), changed: true });
    expect((await service.start({ to })).status).toBe(201);
    expect((await api("POST", "/v1/guard/unblock", { to, ...grounds })).body.changed).toBe(false);
    const { results } = await env.JOURNAL.prepare("SELECT action, reason, outcome FROM audit").all();
    expect(results).toHaveLength(2);
  });

  it("a range does not count sends that the number's own limits refused, nor repeated requests", async () => {
    const service = new GuardedService(settings);
    const to = newNumber();
    await service.start({ to });
    for (let time = 0; time < 5; time += 1)
      expect((await service.start({ to })).body.code).toBe("resend_too_soon");
    expect((await service.start({ to: newNumber() })).status).toBe(201);
  });

  it("a blocked range opens when its users are verified after all", async () => {
    const service = new GuardedService({
      budget: { mode: "enforce", hour: SMALL, reopen_after_approvals: 1 },
    });
    const started = [newNumber(), newNumber()];
    const ids: string[] = [];
    for (const to of started) ids.push((await service.start({ to })).body.id);
    const events = await divertEvents(ids[0] ?? "");
    expect((await service.start({ to: newNumber() })).status).toBe(429);
    for (const [index, to] of started.entries()) await approve(service, ids[index] ?? "", to);
    await vi.waitFor(() => expect(events.filter(isApproval)).toHaveLength(2));
    await service.deliver(events);
    expect((await service.start({ to: newNumber() })).status).toBe(201);
  });
});

describe("a closed verification", () => {
  const ENFORCED = { budget: { mode: "enforce", hour: SMALL } };
  const rangeOf = (to: string) => env.RANGES.getByName(to.slice(0, -4));
  const rowsOf = (to: string) =>
    runInDurableObject(rangeOf(to), (_, { storage }) => [...storage.kv.list()].length);

  /** Starts and cancels; returns the events. */
  async function comesToNothing(service: GuardedService, to: string): Promise<Event> {
    const { id } = (await service.start({ to })).body;
    const events = await divertEvents(id);
    await service.call("DELETE", `/v1/verifications/${id}`);
    const isEnd = ({ type }: Event) => type === "verification.canceled";
    return vi.waitUntil(() => events.find(isEnd));
  }

  it.each(["enforce", "record_only"])(
    "well is told to its range off the check's path, and costs a quiet one no row: %s",
    async (mode) => {
      const service = new GuardedService({ budget: { mode } });
      const to = newNumber();
      const { id } = (await service.start({ to })).body;
      const events = await divertEvents(id);
      const asked = vi.spyOn(env.RANGES, "getByName");
      await approve(service, id, to);
      await vi.waitFor(() => expect(events.filter(isApproval)).toHaveLength(1));
      expect(asked).not.toHaveBeenCalled();
      expect((await service.deliver(events)).ackAll).toBe(true);
      expect(asked.mock.calls).toEqual([[to.slice(0, -4)]]);
      expect(await rowsOf(to)).toBe(0);
    },
  );

  it("an unverified closing counts against its range, even after an eviction of the range", async () => {
    const service = new GuardedService(ENFORCED);
    const [first, second] = [newNumber(), newNumber()];
    const events = [await comesToNothing(service, first)];
    await evictDurableObject(rangeOf(first));
    events.push(await comesToNothing(service, second));
    await evictDurableObject(rangeOf(first));
    await service.deliver(events);
    expect(await rowsOf(first)).toBe(1);
    await evictDurableObject(rangeOf(first));
    expect((await service.start({ to: newNumber() })).body.code).toBe("traffic_blocked");
  });

  it("closings make one call to each range, and none where the budget is off", async () => {
    const service = new GuardedService({ budget: { mode: "enforce" } });
    const events: Event[] = [];
    for (const to of [newNumber(), newNumber(), "+6281399990001"]) {
      events.push(await comesToNothing(service, to));
    }
    const asked = vi.spyOn(env.RANGES, "getByName");
    await new GuardedService({ budget: { mode: "off" } }).deliver(events);
    expect(asked).not.toHaveBeenCalled();
    await service.deliver(events);
    expect(asked.mock.calls).toEqual([[newNumber().slice(0, -4)], ["+628139999"]]);
  });

  it("a closing of a number on the safe list is not reported to its range", async () => {
    const to = newNumber();
    await api("POST", "/v1/guard/lists/safe", { number: to, note: "why" });
    const asked = vi.spyOn(env.RANGES, "getByName");
    const service = new GuardedService(ENFORCED);
    await service.deliver([await comesToNothing(service, to)]);
    expect(asked).not.toHaveBeenCalled();
  });

  it("a closing is reported once, also while the journal is down, and a failing range does not repeat the batch", async () => {
    const service = new GuardedService(ENFORCED);
    const event = await comesToNothing(service, newNumber());
    const asked = vi.spyOn(env.RANGES, "getByName").mockImplementation(() => {
      throw new Error("the range is down");
    });
    const down = vi.spyOn(env.JOURNAL, "prepare").mockImplementation(() => {
      throw new Error("D1 is down");
    });
    expect((await service.deliver([event])).retryMessages).toHaveLength(1);
    expect(asked).toHaveBeenCalledOnce();
    down.mockRestore();
    expect((await service.deliver([event], 2)).ackAll).toBe(true);
    expect(asked).toHaveBeenCalledOnce();
    expect(deployment.logLines.filter((line) => line.includes("Guard rule update failed"))).toHaveLength(1);
  });

  it("a closing sealed under a removed key is not reported to its range, and the batch succeeds", async () => {
    const event = await comesToNothing(new GuardedService(ENFORCED), newNumber());
    const asked = vi.spyOn(env.RANGES, "getByName");
    const rotated = new GuardedService(ENFORCED, {
      SECRET_KEY: "another-secret-key-0123456789-abcdefghijkl",
    });
    expect((await rotated.deliver([event])).ackAll).toBe(true);
    expect(asked).not.toHaveBeenCalled();
  });

  it("a closing is read from a recent event, and not from an old or repeated one", async () => {
    const event = await comesToNothing(new GuardedService(ENFORCED), newNumber());
    if (event.kind !== "verification") throw new Error("It is no verification's");
    const { verification } = event;
    const read = (told: Event, later = 0) => closingsOf([told], event.at + later);
    expect(read(event)).toEqual([verification]);
    expect(read({ ...event, type: "verification.message" })).toEqual([]);
    expect(read({ ...event, verification: { ...verification, test: true } })).toEqual([]);
    expect(read({ ...event, isRepeat: true })).toEqual([]);
    expect([3_599_999, 3_600_000].map((later) => read(event, later).length)).toEqual([1, 0]);
  });
});

describe("the day's traffic", () => {
  const sendsOf = (tally: Tally) =>
    Object.values(tally)
      .flatMap(({ counters }) => counters.days)
      .reduce((sum, { sends }) => sum + sends, 0);
  const shardOf = (index: number) => env.TALLIES.getByName(`tally-${index}`);
  const tallied = async () => {
    const tallies = await Promise.all([0, 1, 2, 3].map((index) => shardOf(index).read()));
    return tallies.flatMap((tally) => Object.values(tally)).flatMap(({ counters }) => counters.days);
  };

  it.each([
    { seconds: 60, caps: {} },
    { seconds: 60, caps: { mode: "off", sends_per_day: 1000 } },
    { seconds: 10, caps: { sends_per_day: 1000 } },
  ])("is shared every $seconds seconds with the caps $caps", async ({ seconds, caps }) => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService({ caps });
    await pump(service, 1);
    const asked = vi.spyOn(env.TALLIES, "getByName");
    vi.setSystemTime(Date.now() + seconds * 1000 - 1);
    await pump(service, 1);
    expect(asked).not.toHaveBeenCalled();
    vi.setSystemTime(Date.now() + 1);
    await pump(service, 1);
    expect(asked).toHaveBeenCalledTimes(4);
  });

  it("isolates of a data centre ask each object once in a minute, and tell it what they have counted", async () => {
    vi.useFakeTimers({ now: Math.ceil(Date.now() / 60_000) * 60_000, toFake: ["Date"] });
    const asked = vi.spyOn(env.TALLIES, "getByName");
    const work: Promise<unknown>[] = [];
    const settings = guardSettings.parse({ GUARD: {} }).guard.caps;
    const cache = new LocationCache(new Keyring(env.SECRET_KEY));
    const ledgers = Array.from({ length: 12 }, () => new Ledger(env.TALLIES, settings, cache));
    const count = async (ledger: Ledger) => {
      ledger.count(
        { country: "ID", sends: 1, unchecked: 0, approvals: 0, cost: 0 },
        (more) => void work.push(more),
      );
      await Promise.all(work.splice(0));
    };
    for (const ledger of ledgers) await count(ledger);
    // Each tells one of the four, and each of the four is read once.
    expect(asked.mock.calls.length).toBeLessThanOrEqual(12 + 4);
    vi.setSystemTime(Date.now() + 60_000);
    for (const ledger of ledgers) await count(ledger);
    expect((await tallied()).reduce((sum, { sends }) => sum + sends, 0)).toBe(24);
    // What was told in the minute before is in every answer.
    for (const { tally } of ledgers) expect(sendsOf(tally)).toBeGreaterThanOrEqual(12);
  });

  it("the day's traffic contains the approvals from the queue", async () => {
    const service = new GuardedService({});
    const to = newNumber();
    const { id } = (await service.start({ to })).body;
    const events = await divertEvents(id);
    await approve(service, id, to);
    await vi.waitFor(() => expect(events.filter(isApproval)).toHaveLength(1));
    // An isolate that has reported nothing yet reports at once.
    await new GuardedService({}).deliver(events);
    await vi.waitFor(async () =>
      expect(await tallied()).toContainEqual(expect.objectContaining({ approvals: 1 })),
    );
  });

  it("the day's traffic is deleted by its object's alarm, which is set once, and again while there is traffic", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const shard = shardOf(0);
    const report = () => shard.report([{ country: "ID", sends: 1, unchecked: 0, approvals: 0, cost: 0 }]);
    const alarm = () => runInDurableObject(shard, (_, { storage }) => storage.getAlarm());
    const days = (count: number) => count * 86_400_000;
    const began = Date.now();
    await report();
    expect(await alarm()).toBe(began + days(16));
    vi.setSystemTime(began + days(10));
    await evictDurableObject(shard);
    await report();
    expect(await alarm()).toBe(began + days(16));
    vi.setSystemTime(began + days(16));
    await runDurableObjectAlarm(shard);
    expect([await alarm(), Object.keys(await shard.read())]).toEqual([began + days(32), ["ID"]]);
    vi.setSystemTime(began + days(32));
    await runDurableObjectAlarm(shard);
    expect([await alarm(), await shard.read()]).toEqual([null, {}]);
  });
});

describe("bombing", () => {
  it("bombing reaches a number at most ten times a day, from a hundred addresses and ten keys", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const keys = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const { body } = await api("POST", "/v1/keys", { name: `app ${index}`, scopes: ["verifications"] });
        return body.key as string;
      }),
    );
    const service = new GuardedService({ number_owner: { mode: "off" } });
    const to = newNumber();
    const purposes = ["login", "signup", "recovery", "patient"];
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const body = { to, purpose: purposes[attempt % 4], client: { ip: `203.0.113.${attempt % 100}` } };
      await service.start(body, { authorization: `Bearer ${keys[attempt % 10]}` });
      // A hundredth of a day, so that every cool-down is over.
      vi.setSystemTime(Date.now() + 864_000 - 1);
    }
    const { body } = await api("GET", `/v1/verifications?to=${encodeURIComponent(to)}&limit=100`);
    const sent = deployment.graphCalls.filter(
      ({ method, url }) => method === "POST" && url.endsWith("/messages"),
    );
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(10);
    expect(body.data.length).toBeGreaterThan(0);
  }, 20_000);
});

describe("the journal of decisions", () => {
  it("the journal lists every refusal and every recorded match, newest first, page by page", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService({ destinations: { countries_denied: ["ID"] } });
    for (let time = 0; time < 3; time += 1) {
      await service.start({ to: newNumber() });
      vi.setSystemTime(Date.now() + 1000);
    }
    await service.journal();
    const first = await api("GET", "/v1/guard/decisions?limit=2");
    expect(first.body.data).toHaveLength(2);
    expect(first.body.data[0]).toMatchObject({
      rule: "country",
      code: "destination_not_allowed",
      refused: true,
      country: "ID",
      purpose: "login",
      caller_id: "operator",
      figures: { country: "ID" },
      limits: { denied: "ID" },
    });
    const second = await api("GET", `/v1/guard/decisions?limit=2&after=${first.body.next}`);
    expect(second.body).toMatchObject({ data: [{ rule: "country" }], next: null });
    const times = [...first.body.data, ...second.body.data].map(({ created_at: at }) => at);
    expect(times).toEqual(times.toSorted().reverse());
    await service.journal();
    expect((await api("GET", "/v1/guard/decisions?rule=country")).body.data).toHaveLength(3);
    expect((await api("GET", "/v1/guard/decisions?rule=team_veto")).body.data).toEqual([]);
    expect((await api("GET", "/v1/guard/decisions?after=nonsense")).status).toBe(400);
  });
});

describe("the day's costs", () => {
  it("the day's costs use the price of a code until the provider reports what it charges for", async () => {
    const prices = { default: { authentication: 2, "authentication-international": 5 } };
    const service = new GuardedService({ caps: { cost_per_day: 8, prices: { ...prices } } });
    const to = newNumber();
    const { body } = await service.start({ to });
    const status = {
      id: "wamid.1",
      status: "sent",
      timestamp: String(Math.floor(Date.now() / 1000)),
      biz_opaque_callback_data: `${body.id}.0`,
      pricing: { category: "authentication-international" },
    };
    for (let time = 0; time < 3; time += 1) await service.webhook(statuses(status));
    // Other isolates know it after an exchange: 5 and 2 and 2 are over the cap.
    vi.useFakeTimers({ now: Date.now() + 11_000, toFake: ["Date"] });
    await service.start({ to: newNumber() });
    vi.setSystemTime(Date.now() + 11_000);
    expect((await service.start({ to: newNumber() })).status).toBe(201);
    const refused = await service.start({ to: newNumber() });
    expect(refused.body.code).toBe("traffic_blocked");
    expect(service.events.at(-1)?.decision).toMatchObject({ rule: "cap_cost", figures: { cost: 9 } });
  });
});

describe("a start with every rule on", () => {
  it("a start with every rule on makes one more object call, and one for each named limit in the request", async () => {
    const windows = { account: "100 per h", device: "100 per h" };
    const on = new GuardedService({
      budget: { mode: "enforce" },
      caps: { sends_per_day: 1000 },
      named_limits: { windows },
    });
    const limits = { account: "u_1", device: "d_1" };
    await on.start({ to: newNumber(), limits, client: { ip: "203.0.113.5" } });
    const calls = (["RANGES", "LIMIT_COUNTERS", "TALLIES"] as const).map((name) =>
      vi.spyOn(env[name] as DurableObjectNamespace, "getByName"),
    );
    const made = () => calls.map((spy) => spy.mock.calls.length);
    expect((await on.start({ to: newNumber(), client: { ip: "203.0.113.5" } })).status).toBe(201);
    expect(made()).toEqual([1, 0, 0]);
    expect((await on.start({ to: newNumber(), limits })).status).toBe(201);
    expect(made()).toEqual([2, 2, 0]);
  });
});
