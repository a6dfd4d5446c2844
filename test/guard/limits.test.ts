import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { LimitCounter } from "../../src/guard/limits/limit-counter.ts";
import { NamedLimits } from "../../src/guard/limits/named-limits.ts";
import { namedLimitSettings } from "../../src/guard/settings.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import {
  exceededWindow,
  longestWindow,
  parseWindows,
  timesToKeep,
  type Window,
} from "../../src/platform/windows.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { describeRuleInEveryMode, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const limited = (windows: Record<string, string>, mode = "enforce") => ({ named_limits: { mode, windows } });
const startFor = (service: GuardedService, account: string) =>
  service.start({ to: newNumber(), limits: { account } });

/** The clock stands still until the test moves it. */
function setClock() {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  return (ms: number) => vi.setSystemTime(Date.now() + ms);
}

describeRuleInEveryMode(
  "a named limit",
  {
    rule: "named_limit",
    code: "rate_limited",
    guard: (mode) => limited({ account: "2 per 10 min, 20 per day" }, mode),
    async prepare(service) {
      for (let sends = 0; sends < 2; sends += 1) await startFor(service, "u_42");
    },
    request: { to: newNumber(), limits: { account: "u_42" } },
    figures: { name: "account", count: 2 },
    limits: { quota: 2, window_seconds: 600 },
  },
  deployment,
);

describe("a named limit", () => {
  it("a named limit counts each value separately, over all numbers, and ignores names that are not configured", async () => {
    const take = vi.spyOn(LimitCounter.prototype, "take");
    const service = new GuardedService(limited({ account: "1 per h" }));
    expect((await startFor(service, "a")).status).toBe(201);
    expect((await startFor(service, "b")).status).toBe(201);
    expect((await startFor(service, "a")).status).toBe(429);
    expect(take).toHaveBeenCalledTimes(3);
    for (let sends = 0; sends < 2; sends += 1) {
      expect((await service.start({ to: newNumber(), limits: { device: "d-1" } })).status).toBe(201);
    }
    expect(take).toHaveBeenCalledTimes(3);
  });

  it("named limits call one object each, concurrently, and the longest wait is answered", async () => {
    const service = new GuardedService(
      limited({ account: "1 per h", device: "1 per day", team: "9 per day" }),
    );
    const limits = { account: "a", device: "d", team: "t", unknown: "u" };
    await service.start({ to: newNumber(), limits });
    const under = { now: 0, most: 0 };
    const take = vi.spyOn(env.LIMIT_COUNTERS, "getByName").mockImplementation(
      () =>
        ({
          async take(windows: readonly Window[]) {
            under.now += 1;
            under.most = Math.max(under.most, under.now);
            await Promise.resolve();
            under.now -= 1;
            return exceededWindow([Date.now()], windows, Date.now());
          },
        }) as unknown as DurableObjectStub<LimitCounter>,
    );
    const { headers } = await service.start({ to: newNumber(), limits });
    expect([take.mock.calls.length, under.most]).toEqual([3, 3]);
    expect(headers.get("ratelimit-policy")).toBe('"device";q=1;w=86400');
    // Names of objects are visible in the account's dashboard.
    for (const [name] of take.mock.calls) expect(name).toMatch(/^[\w-]{43}$/);
  });

  it("a named limit allows exactly its quota out of many concurrent starts", async () => {
    const service = new GuardedService(limited({ account: "3 per h" }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => startFor(service, "u")));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  });

  it("a named limit allows another start at the announced time, and not before", async () => {
    const pass = setClock();
    const service = new GuardedService(limited({ account: "2 per 10 min, 3 per h" }));
    await startFor(service, "u");
    pass(4 * MINUTE);
    await startFor(service, "u");
    const waitOf = async () => Number((await startFor(service, "u")).headers.get("retry-after"));
    expect(await waitOf()).toBe(6 * 60);
    pass(6 * MINUTE - SECOND);
    expect(await waitOf()).toBe(1);
    pass(SECOND);
    expect((await startFor(service, "u")).status).toBe(201);
    // Refusals do not count; now the hour is full.
    expect(await waitOf()).toBe(50 * 60);
  });

  it("a named limit whose object fails allows the send", async () => {
    vi.spyOn(LimitCounter.prototype, "take").mockImplementation(() => {
      throw new Error("no object today");
    });
    expect((await startFor(new GuardedService(limited({ account: "1 per h" })), "u")).status).toBe(201);
    expect(deployment.logLines.join()).toContain("no object today");
  });

  it("a named limit counts a denial by a number's owner as five sends", async () => {
    const settings = namedLimitSettings.parse({ windows: { account: "6 per h" } });
    const rule = new NamedLimits(env.LIMIT_COUNTERS, new Keyring("k".repeat(32)), settings);
    const limits = { account: "u_42", unknown: "x" };
    await rule.onDenied("+6281234567890" as E164, { limits, network: null, device: null });
    expect(await rule.evaluate({ limits })).toBeNull();
    expect(await rule.evaluate({ limits })).toMatchObject({ figures: { count: 6 } });
  });
});

describe("a limit's object", () => {
  const WINDOWS = [
    { quota: 3, windowMs: HOUR },
    { quota: 50, windowMs: DAY },
  ];
  const counter = () => env.LIMIT_COUNTERS.getByName(crypto.randomUUID());
  type Counter = ReturnType<typeof counter>;
  const stored = (of: Counter) =>
    runInDurableObject(of, (_, { storage }) => [...storage.kv.list<{ times: readonly number[] }>()]);
  const alarmOf = (of: Counter) => runInDurableObject(of, (_, { storage }) => storage.getAlarm());

  it("a limit's object writes one row for a send and none for a refusal, and moves its alarm for neither", async () => {
    const pass = setClock();
    const object = counter();
    const spies = await runInDurableObject(object, (_, { storage }) => ({
      put: vi.spyOn(storage.kv, "put"),
      setAlarm: vi.spyOn(storage, "setAlarm"),
    }));
    for (let sends = 0; sends < 5; sends += 1) {
      await object.take(WINDOWS);
      pass(SECOND);
    }
    expect([spies.put.mock.calls.length, spies.setAlarm.mock.calls.length]).toEqual([3, 1]);
  });

  it("a limit's object deletes everything when the last send has left every window, however early its alarm fires", async () => {
    const pass = setClock();
    const object = counter();
    await object.take(WINDOWS);
    pass(20 * HOUR);
    await object.take(WINDOWS);
    pass(4 * HOUR);
    await runDurableObjectAlarm(object);
    expect(await stored(object)).toHaveLength(1);
    expect(await alarmOf(object)).toBe(Date.now() + 20 * HOUR);
    pass(20 * HOUR);
    await runDurableObjectAlarm(object);
    expect(await stored(object)).toEqual([]);
    await object.take(WINDOWS);
    expect(await alarmOf(object)).toBe(Date.now() + DAY);
  });

  it("a limit's object stores no more times than its largest quota", async () => {
    const pass = setClock();
    const object = counter();
    for (let round = 0; round < 30; round += 1) {
      await object.penalise(5, WINDOWS);
      pass(SECOND);
    }
    const [[, counted] = []] = await stored(object);
    expect(counted?.times).toHaveLength(50);
    expect(await object.take(WINDOWS)).toMatchObject({ quota: 50, count: 50 });
  });
});

describe("windows", () => {
  it("windows are parsed as a team writes them", () => {
    const cases: [text: string, windows: readonly (readonly [quota: number, windowMs: number])[] | null][] = [
      ["5 per 10 min", [[5, 10 * MINUTE]]],
      [
        "5 per 10 min, 20 per day",
        [
          [5, 10 * MINUTE],
          [20, DAY],
        ],
      ],
      ["1 per h", [[1, HOUR]]],
      [
        "3 per 90 s,1000 per 30 day",
        [
          [3, 90 * SECOND],
          [1000, 30 * DAY],
        ],
      ],
      ...["", "5", "5 per", "5 per week", "0 per h", "1001 per h", "5 per 0 min", "5 per 31 day"].map(
        (text): [string, null] => [text, null],
      ),
      ...["5 per h,", "-5 per h", "5.5 per h", "five per h", "5  per h", "5 per h; 6 per day"].map(
        (text): [string, null] => [text, null],
      ),
    ];
    for (const [text, windows] of cases) {
      const read = parseWindows(text)?.map(({ quota, windowMs }) => [quota, windowMs]) ?? null;
      expect([text, read]).toEqual([text, windows]);
    }
  });

  it("the window that stays full longest is found, with its end", () => {
    const windows = [
      { quota: 2, windowMs: 10 },
      { quota: 3, windowMs: 100 },
    ];
    expect(longestWindow(windows)).toBe(100);
    expect(exceededWindow([], windows, 0)).toBeNull();
    expect(exceededWindow([1], windows, 5)).toBeNull();
    expect(exceededWindow([1, 4], windows, 5)).toMatchObject({ quota: 2, count: 2, retryAfterMs: 6 });
    expect(exceededWindow([1, 4], windows, 11)).toBeNull();
    expect(exceededWindow([1, 4, 11], windows, 11)).toMatchObject({ quota: 3, count: 3, retryAfterMs: 90 });
    // More than the quota, as a denial adds them.
    expect(exceededWindow([1, 4, 4, 4, 4], windows, 5)).toMatchObject({
      quota: 3,
      count: 5,
      retryAfterMs: 99,
    });
    expect(timesToKeep([1, 2, 3, 4], windows, 5)).toEqual([2, 3, 4]);
    expect(timesToKeep([1, 2, 104], windows, 102)).toEqual([104]);
  });
});
