import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { api, codeSentTo, newNumber, useDeployment } from "../deployment.ts";
import { Guarded, holdsInEveryMode } from "./rig.ts";

const deployment = useDeployment();
const SMALL = { floor: 2, of_best_day: 0, of_verified: 1 };

/** Sends that come to nothing, each to a number of its own in one range of 10,000. */
async function pump(service: Guarded, sends: number) {
  for (let send = 0; send < sends; send += 1) {
    expect((await service.start({ to: newNumber() })).status).toBe(201);
  }
}

holdsInEveryMode(
  "a range that nothing comes back from",
  {
    ...{ rule: "range_hour", code: "traffic_blocked", limits: { quota: 2, window_seconds: 3600 } },
    guard: (mode) => ({ budget: { mode, hour: SMALL } }),
    prepare: (service) => pump(service, 2),
    request: { to: newNumber() },
    figures: { range: newNumber().slice(0, -4), unverified: 2 },
  },
  deployment,
);

holdsInEveryMode(
  "a cap on the day's sends to a country",
  {
    ...{ rule: "cap_country_sends", code: "traffic_blocked", limits: { quota: 1, window_seconds: 86_400 } },
    guard: (mode) => ({ caps: { mode, sends_per_country_per_day: 1 } }),
    prepare: (service) => pump(service, 1),
    request: { to: newNumber() },
    figures: { scope: "ID", sends: 1 },
  },
  deployment,
);

describe("a blocked range", () => {
  const settings = { budget: { mode: "enforce", hour: SMALL } };

  it("leaves the other ranges of its country alone", async () => {
    const service = new Guarded(settings);
    await pump(service, 2);
    expect((await service.start({ to: newNumber() })).body.code).toBe("traffic_blocked");
    expect((await service.start({ to: "+6281399990001" })).status).toBe(201);
  });

  it("is opened by an operator, by the range or by a number in it, who leaves a record", async () => {
    const service = new Guarded(settings);
    await pump(service, 2);
    const to = newNumber();
    expect((await service.start({ to })).status).toBe(429);
    const grounds = { reason: "our campaign" };
    const unblocked = await api("POST", "/v1/guard/unblock", { range: to.slice(0, -4), ...grounds });
    expect(unblocked.body).toMatchObject({ action: "unblock", target: to.slice(0, -4), changed: true });
    expect((await service.start({ to })).status).toBe(201);
    expect((await api("POST", "/v1/guard/unblock", { to, ...grounds })).body.changed).toBe(false);
    const { results } = await env.JOURNAL.prepare("SELECT action, reason, changed FROM guard_audit").all();
    expect(results).toHaveLength(2);
  });

  it("was not counted what the number's own limits refused, nor what was answered before", async () => {
    const service = new Guarded(settings);
    const to = newNumber();
    await service.start({ to });
    for (let time = 0; time < 5; time += 1)
      expect((await service.start({ to })).body.code).toBe("resend_too_soon");
    expect((await service.start({ to: newNumber() })).status).toBe(201);
  });

  it("opens by itself when those who asked are verified after all", async () => {
    const service = new Guarded({ budget: { mode: "enforce", hour: SMALL, reopen_after_approvals: 1 } });
    const started = [newNumber(), newNumber()];
    const ids: string[] = [];
    for (const to of started) ids.push((await service.start({ to })).body.id);
    expect((await service.start({ to: newNumber() })).status).toBe(429);
    for (const [index, to] of started.entries()) {
      const code = await codeSentTo(deployment, to);
      expect((await service.call("POST", `/v1/verifications/${ids[index]}/check`, { code })).body.valid).toBe(
        true,
      );
    }
    expect((await service.start({ to: newNumber() })).status).toBe(201);
  });
});

describe("bombing", () => {
  it("reaches a number ten times in a day at most, whatever a hundred addresses and ten keys try", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const keys = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const { body } = await api("POST", "/v1/keys", { name: `app ${index}`, scopes: ["verifications"] });
        return body.key as string;
      }),
    );
    const service = new Guarded({ number_owner: { mode: "off" } });
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
  it("has every refusal and every one that only was recorded, newest first, a page at a time", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new Guarded({ destinations: { countries_denied: ["ID"] } });
    for (let time = 0; time < 3; time += 1) {
      await service.start({ to: newNumber() });
      vi.setSystemTime(Date.now() + 1000);
    }
    await service.journal();
    const first = await api("GET", "/v1/guard/decisions?limit=2");
    expect(first.body.data).toHaveLength(2);
    expect(first.body.data[0]).toMatchObject({
      ...{ rule: "country", code: "destination_not_allowed", refused: true, country: "ID" },
      ...{ purpose: "login", caller_id: "admin", figures: { country: "ID" }, limits: { denied: "ID" } },
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
  it("go by the price of a code, until the provider says what it charges for", async () => {
    const prices = { default: { authentication: 2, "authentication-international": 5 } };
    const service = new Guarded({ caps: { cost_per_day: 8, prices: { ...prices } } });
    const to = newNumber();
    const { body } = await service.start({ to });
    const status = {
      ...{ id: "wamid.1", status: "sent", timestamp: String(Math.floor(Date.now() / 1000)) },
      ...{ biz_opaque_callback_data: `${body.id}.0`, pricing: { category: "authentication-international" } },
    };
    const value = { messaging_product: "whatsapp", metadata: {}, statuses: [status] };
    const entry = [{ id: "1", changes: [{ field: "messages", value }] }];
    for (let time = 0; time < 3; time += 1) {
      await service.webhook({ object: "whatsapp_business_account", entry });
    }
    // Known to all only once it has been exchanged: 5 and 2 and 2 are over the cap.
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
  it("costs one object call more than without, and one for each named limit that it names", async () => {
    const windows = { account: "100 per h", device: "100 per h" };
    const on = new Guarded({
      ...{ budget: { mode: "enforce" }, caps: { sends_per_day: 1000 }, named_limits: { windows } },
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
