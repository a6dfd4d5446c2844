import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { networkOf, networkTag } from "../../src/guard/fence.ts";
import { KeyFence } from "../../src/guard/key-fence.ts";
import { guardSettings } from "../../src/guard/settings.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { describeRuleInEveryMode, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();

/** A rate-limit binding with a fixed answer, which records its keys. */
function counter(success: boolean) {
  return { limit: vi.fn(async (_: RateLimitOptions) => ({ success })) };
}
const FULL = { API_KEY_FENCE: counter(false), CLIENT_FENCE: counter(false) };
const tagOf = (ip: string) => networkTag(new Keyring(env.SECRET_KEY), ip);
const IP = "203.0.113.9";

describeRuleInEveryMode(
  "the fence around an API key",
  {
    rule: "api_key_rate",
    code: "rate_limited",
    limits: { quota: 60_000, window_seconds: 60 },
    guard: (mode) => ({ fence: { mode } }),
    env: FULL,
    request: { to: newNumber() },
  },
  deployment,
);

describeRuleInEveryMode(
  "the fence around a user's network",
  {
    rule: "client_rate",
    code: "rate_limited",
    limits: { quota: 40, window_seconds: 60 },
    guard: (mode) => ({ fence: { mode, client_per_minute: 40 } }),
    env: { ...FULL, API_KEY_FENCE: counter(true) },
    request: { to: newNumber(), client: { ip: IP } },
  },
  deployment,
);

describe("the fence", () => {
  it("the fence refuses before any object is called, and sends nothing", async () => {
    const objects = [env.PHONE_NUMBERS, env.LIMIT_COUNTERS, env.RANGES, env.TALLIES].map((namespace) =>
      vi.spyOn(namespace as DurableObjectNamespace, "getByName"),
    );
    const service = new GuardedService({ named_limits: { windows: { account: "9 per h" } } }, FULL);
    const { status } = await service.start({ to: newNumber(), limits: { account: "u_1" } });
    expect([status, deployment.graphCalls.length]).toEqual([429, 0]);
    for (const spy of objects) expect(spy).not.toHaveBeenCalled();
  });

  it("the fence counts the key's id and the user's network, and no network where the request has no address", async () => {
    const bindings = { API_KEY_FENCE: counter(true), CLIENT_FENCE: counter(true) };
    const service = new GuardedService({}, bindings);
    await service.start({ to: newNumber() });
    await service.start({ to: newNumber(), client: { ip: "2001:db8:1:2:3::4" } });
    expect(bindings.API_KEY_FENCE.limit.mock.calls).toEqual([[{ key: "operator" }], [{ key: "operator" }]]);
    expect(bindings.CLIENT_FENCE.limit.mock.calls).toEqual([[{ key: tagOf("2001:db8:1:2::") }]]);
  });

  it("the fence allows 30 starts a minute for one network, as wrangler.toml configures the binding", async () => {
    const service = new GuardedService({});
    const from = (ip: string) => service.start({ to: newNumber(), client: { ip } });
    let passed = 0;
    // One minute may end in between, not two.
    while (passed <= 60 && (await from(`2001:db8::${passed + 1}`)).status === 201) passed += 1;
    expect(passed).toBeGreaterThanOrEqual(30);
    expect(passed).toBeLessThan(60);
    const refused = await from("2001:db8::ffff");
    expect(refused.headers.get("ratelimit-policy")).toBe('"client-rate";q=30;w=60');
    expect((await from("2001:db8:0:1::1")).status).toBe(201);
  });

  it("a missing rate-limit binding limits nothing", async () => {
    const service = new GuardedService({}, { API_KEY_FENCE: undefined, CLIENT_FENCE: undefined });
    expect((await service.start({ to: newNumber(), client: { ip: IP } })).status).toBe(201);
    expect(service.events).toEqual([]);
    expect(deployment.logLines.join()).not.toContain("error");
  });

  it("a rate-limit binding that fails allows the send", async () => {
    const broken = { limit: async () => Promise.reject(new Error("no counters today")) };
    const service = new GuardedService({}, { API_KEY_FENCE: broken });
    expect((await service.start({ to: newNumber() })).status).toBe(201);
    expect(deployment.logLines.join()).toContain("no counters today");
  });
});

describe("an API key with figures of its own", () => {
  /** A binding that allows so many of each name. */
  function binding(limit: number) {
    const counts = new Map<string, number>();
    return {
      counts,
      limit: async ({ key }: RateLimitOptions) => {
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return { success: (counts.get(key) ?? 0) <= limit };
      },
    };
  }
  const OWN = { operator: { starts_per_minute: 300, checks_per_minute: 90 } };
  const settingsOf = (fence: object) => {
    const read = guardSettings.parse({ GUARD: { fence }, GUARD_VETO_SECRET: "" });
    return read.guard.fence;
  };

  it.each([
    ["starts", 300, 5],
    ["checks", 120, 2],
  ] as const)("may make %s of its figure, in shares that it uses in turn", async (kind, allowed, shares) => {
    const bindings = { apiKey: binding(1), shares: binding(60) };
    // Two isolates of one location.
    const fences = [0, 1].map(() => new KeyFence(kind, bindings, settingsOf({ api_keys: OWN })));
    let passed = 0;
    for (let call = 0; call < 400; call += 1) {
      const answer = await fences[call % 2]?.limit("operator");
      if (answer?.success) passed += 1;
    }
    expect(passed).toBe(allowed);
    expect([...bindings.shares.counts.keys()].sort()).toEqual(
      Array.from({ length: shares }, (_, share) => `${kind}/operator/${share}`),
    );
    expect(bindings.apiKey.counts.size).toBe(0);
    await fences[0]?.limit("key_another");
    expect([...bindings.apiKey.counts]).toEqual([["key_another", 1]]);
  });

  it("is refused with its figure in the header, and other keys are not", async () => {
    const shares = { limit: async () => ({ success: false }) };
    const service = new GuardedService({ fence: { api_keys: OWN } }, { API_KEY_SHARES: shares });
    const refused = await service.start({ to: newNumber() });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit-policy")).toBe('"api-key-rate";q=300;w=60');
    const others = new GuardedService({ fence: { api_keys: {} } }, { API_KEY_SHARES: shares });
    expect((await others.start({ to: newNumber() })).status).toBe(201);
  });

  it("has shares of the size that wrangler.toml configures", async () => {
    const answers = [];
    const fence = new KeyFence(
      "starts",
      { apiKey: undefined, shares: env.API_KEY_SHARES },
      settingsOf({ api_keys: { operator: { starts_per_minute: 60 } } }),
    );
    // One minute may end in between, not two.
    for (let call = 0; call < 125; call += 1) answers.push((await fence.limit("operator"))?.success);
    const passed = answers.filter((success) => success).length;
    expect(passed).toBeGreaterThanOrEqual(60);
    expect(passed).toBeLessThanOrEqual(120);
  });

  it("is named by an id, and another name is refused as a setting", () => {
    expect(() => settingsOf({ api_keys: { backend: { starts_per_minute: 60 } } })).toThrow();
  });
});

describe("a user's network", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::ffff", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
    ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
    ["2001:db8:1:2:3:4:203.0.113.9", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1::", "1:0:0:0::/64"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["::FFFF:cb00:7109", "203.0.113.9"],
    ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"],
    ["64:ff9b::203.0.113.9", "64:ff9b:0:0::/64"],
  ])("of %s is %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});
