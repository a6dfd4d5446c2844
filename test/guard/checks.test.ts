import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { codeSentTo, newNumber, useDeployment, wrong } from "../deployment.ts";
import { GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();
const IP = "203.0.113.9";

function counter(success: boolean) {
  return { limit: vi.fn(async (_: RateLimitOptions) => ({ success })) };
}
const OPEN = { API_KEY_CHECK_FENCE: counter(true), CLIENT_CHECK_FENCE: counter(true) };

/** A pending verification, and a check of its code. */
async function pending(service: GuardedService) {
  const to = newNumber();
  const { body } = await service.start({ to });
  const code = await codeSentTo(deployment, to);
  const check = (typed: string, client?: object) =>
    service.call("POST", `/v1/verifications/${body.id}/check`, { code: typed, client });
  return { to, code, check };
}

describe("the fence around checks", () => {
  it.each([
    ["an API key", "api-key-check-rate", 120_000, { ...OPEN, API_KEY_CHECK_FENCE: counter(false) }],
    ["a user's network", "client-check-rate", 60, { ...OPEN, CLIENT_CHECK_FENCE: counter(false) }],
  ])("the checks of %s are limited, before an attempt is charged", async (_, name, quota, bindings) => {
    const { check, code } = await pending(new GuardedService({}));
    const service = new GuardedService({}, bindings);
    const to = newNumber();
    const started = await service.start({ to });
    const refused = await service.call("POST", `/v1/verifications/${started.body.id}/check`, {
      code: "000000",
      client: { ip: IP },
    });
    expect([refused.status, refused.body.code]).toEqual([429, "rate_limited"]);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("ratelimit-policy")).toBe(`"${name}";q=${quota};w=60`);
    const { body } = await service.call("GET", `/v1/verifications/${started.body.id}`);
    expect(body.attempts_remaining).toBe(5);
    expect((await check(code)).body.valid).toBe(true);
  });

  it("the check fence counts the key's id and the user's network, by id and by number", async () => {
    const bindings = { API_KEY_CHECK_FENCE: counter(true), CLIENT_CHECK_FENCE: counter(true) };
    const service = new GuardedService({}, bindings);
    const { to, code, check } = await pending(service);
    await check(wrong(code));
    await service.call("POST", "/v1/verifications/check", {
      to,
      code,
      client: { ip: "2001:db8:1:2:3::4" },
    });
    expect(bindings.API_KEY_CHECK_FENCE.limit.mock.calls).toEqual([
      [{ key: "operator" }],
      [{ key: "operator" }],
    ]);
    expect(bindings.CLIENT_CHECK_FENCE.limit.mock.calls).toEqual([[{ key: "2001:db8:1:2::/64" }]]);
  });

  it.each([
    ["is only recorded", { fence: { mode: "record_only" } }, { API_KEY_CHECK_FENCE: counter(false) }],
    ["is off", { fence: { mode: "off" } }, { API_KEY_CHECK_FENCE: counter(false) }],
    ["has no bindings", {}, { API_KEY_CHECK_FENCE: undefined, CLIENT_CHECK_FENCE: undefined }],
    [
      "has a binding that fails",
      {},
      { API_KEY_CHECK_FENCE: { limit: async () => Promise.reject(new Error("no counters today")) } },
    ],
  ])("a check fence that %s refuses nothing", async (_, guard, bindings) => {
    const { check, code } = await pending(new GuardedService(guard, bindings));
    expect((await check(code, { ip: IP })).body.valid).toBe(true);
  });

  it("the check fence allows 60 checks a minute for one network, as wrangler.toml configures the binding", async () => {
    const service = new GuardedService({});
    const check = () =>
      service.call("POST", "/v1/verifications/check", {
        to: "+6281200000099",
        code: "000000",
        client: { ip: "203.0.113.10" },
      });
    let passed = 0;
    // One minute may end in between, not two.
    while (passed <= 120 && (await check()).status === 200) passed += 1;
    expect(passed).toBeGreaterThanOrEqual(60);
    expect(passed).toBeLessThan(120);
  });
});

describe("a network that tries codes on many numbers", () => {
  const guard = (mode: string) => ({ spraying: { mode, numbers: 3 } });

  /** Checks the same code for new numbers, most of which have no verification. */
  async function spray(service: GuardedService, numbers: number, ip = IP) {
    const answers = [];
    for (let number = 0; number < numbers; number += 1) {
      const body = { to: newNumber(), code: "123456", client: { ip } };
      answers.push(await service.call("POST", "/v1/verifications/check", body));
    }
    return answers;
  }

  it("a spraying network is refused in enforce, and its decision names the counts and the network's tag", async () => {
    const service = new GuardedService(guard("enforce"), OPEN);
    const answers = await spray(service, 5);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
    const [refused] = answers.slice(-1);
    expect(refused?.body.code).toBe("rate_limited");
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(3000);
    expect(service.events).toHaveLength(1);
    expect(service.events[0]?.decision).toMatchObject({
      rule: "spraying",
      refused: true,
      figures: { numbers: 4, network: expect.stringMatching(/^[\w-]{43}$/) },
      limits: { quota: 3, window_seconds: 3600 },
    });
    // Another network, and a check without one, go on.
    expect((await spray(service, 1, "203.0.113.10"))[0]?.status).toBe(200);
    const { check, code } = await pending(service);
    expect((await check(code)).body.valid).toBe(true);
  });

  it("a spraying network is reported and not refused in record_only, which is the default", async () => {
    const service = new GuardedService({}, OPEN);
    const answers = await spray(service, 12);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(service.events.map(({ decision }) => [decision.rule, decision.refused])).toEqual([
      ["spraying", false],
    ]);
  });

  it("nothing is counted of a spraying network when the rule is off", async () => {
    const service = new GuardedService(guard("off"), OPEN);
    const objects = vi.spyOn(env.CLIENT_NETWORKS, "getByName");
    await spray(service, 6);
    expect([service.events, objects.mock.calls.length]).toEqual([[], 0]);
  });

  it("a network's numbers add up over isolates", async () => {
    await spray(new GuardedService(guard("enforce"), OPEN), 2);
    const service = new GuardedService(guard("enforce"), OPEN);
    const answers = await spray(service, 3);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  });

  it("a shared address may have wrong codes for half as many numbers as it approved", async () => {
    const service = new GuardedService(guard("enforce"), OPEN);
    await spray(service, 2);
    const names = vi.spyOn(env.CLIENT_NETWORKS, "getByName");
    await spray(service, 1);
    const [[tag = ""] = []] = names.mock.calls;
    await env.CLIENT_NETWORKS.getByName(tag as string).approve(20);
    const answers = await spray(service, 9);
    expect(answers.map(({ status }) => status)).toEqual([...Array(8).fill(200), 429]);
  });

  it("a right code, and wrong codes for one number, call no network's object", async () => {
    const service = new GuardedService(guard("enforce"), OPEN);
    const { check, code } = await pending(service);
    const objects = vi.spyOn(env.CLIENT_NETWORKS, "getByName");
    for (let time = 0; time < 3; time += 1) await check(wrong(code), { ip: IP });
    expect((await check(code, { ip: IP })).body.valid).toBe(true);
    expect(objects).not.toHaveBeenCalled();
  });

  it("an operator ends the block of a spraying network, which an isolate learns within a minute", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService(guard("enforce"), OPEN);
    await spray(service, 4);
    expect((await spray(service, 1))[0]?.status).toBe(429);
    await service.call("POST", "/v1/guard/unblock", { ip: IP, reason: "our test" });
    vi.setSystemTime(Date.now() + 61_000);
    await spray(service, 1);
    expect((await spray(service, 1))[0]?.status).toBe(200);
  });
});
