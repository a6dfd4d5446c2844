import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { networkOf, networkTag } from "../../src/guard/fence.ts";
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
