import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { DAY_MS } from "../../src/platform/time.ts";
import { api, check, codeSentTo, messagesTo, newNumber, statuses, useDeployment } from "../deployment.ts";
import { deny } from "./denials.ts";
import { describeRuleInEveryMode, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();

/** A number whose owner has denied two codes. */
async function deniedTwice(service: GuardedService, to: string) {
  for (const purpose of ["signup", "recovery"]) {
    await service.start({ to, purpose });
    await deny(deployment, service, to);
  }
}

describe("a number whose owner requested no code", () => {
  const to = newNumber();
  describeRuleInEveryMode(
    "twice in a day",
    {
      rule: "number_owner",
      code: "send_limit_reached",
      limits: { quota: 2, window_seconds: 86_400 },
      guard: (mode) => ({ number_owner: { mode } }),
      prepare: (service) => deniedTwice(service, to),
      request: { to },
    },
    deployment,
  );

  it("a number gets more codes after one denial, however often WhatsApp repeats it, and a day after two", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService({});
    const number = newNumber();
    await service.start({ to: number });
    for (let time = 0; time < 3; time += 1) await deny(deployment, service, number, "wamid.the-same-tap");
    expect((await service.start({ to: number, purpose: "signup" })).status).toBe(201);
    await deny(deployment, service, number);
    expect((await service.start({ to: number, purpose: "recovery" })).status).toBe(429);
    vi.setSystemTime(Date.now() + DAY_MS);
    expect((await service.start({ to: number, purpose: "recovery" })).status).toBe(201);
  });

  it("a denied number gets more codes once an operator has unlocked it, which is audited", async () => {
    const service = new GuardedService({});
    const number = newNumber();
    await deniedTwice(service, number);
    expect((await service.start({ to: number })).status).toBe(429);
    const unlock = () => api("POST", "/v1/guard/unlock", { to: number, reason: "called us" });
    expect((await unlock()).body).toMatchObject({ action: "unlockNumber", actor: "operator", changed: true });
    expect((await service.start({ to: number })).status).toBe(201);
    expect((await unlock()).body).toMatchObject({ reason: "called us", changed: false });
    const { results } = await env.JOURNAL.prepare("SELECT * FROM audit ORDER BY created_at").all();
    expect(results).toMatchObject([
      { action: "unlockNumber", actor: "operator", reason: "called us", outcome: "unlocked" },
      { outcome: "was_open" },
    ]);
    expect(JSON.stringify(results)).not.toContain(number.slice(1));
  });
});

describe("the requester of a denied code", () => {
  it("a denial counts against the named limits, the network and the range of its requester", async () => {
    const service = new GuardedService({
      named_limits: { windows: { account: "12 per day" } },
      budget: { mode: "enforce", hour: { floor: 13 } },
    });
    const asked = { client: { ip: "203.0.113.77" }, limits: { account: "u_1" } };
    const first = newNumber();
    await service.start({ to: first, ...asked });
    await deny(deployment, service, first);
    const second = newNumber();
    await service.start({ to: second, ...asked });
    await deny(deployment, service, second);

    // 2 sends and 2 times 5 are 12.
    expect(await service.start({ to: newNumber(), limits: { account: "u_1" } })).toMatchObject({
      status: 429,
      body: { code: "rate_limited" },
    });
    expect(await service.start({ to: newNumber(), client: { ip: "203.0.113.77" } })).toMatchObject({
      status: 429,
      body: { code: "rate_limited" },
    });
    expect(service.events.map(({ decision }) => decision.rule)).toEqual(["named_limit", "client_denied"]);
    // And 12 for the range: sends that the account's limit refused do not count there.
    const elsewhere = { client: { ip: "203.0.113.78" } };
    expect((await service.start({ to: newNumber(), ...elsewhere })).status).toBe(201);
    expect((await service.start({ to: newNumber(), ...elsewhere })).body.code).toBe("traffic_blocked");
  });
});

describe("a phone's identity", () => {
  const seen =
    (hash: string) =>
    (id: string, to: string, at = Date.now()) => {
      const status = {
        id: "wamid.1",
        status: "delivered",
        timestamp: String(Math.floor(at / 1000)),
        recipient_id: to.slice(1),
        recipient_identity_key_hash: hash,
        biz_opaque_callback_data: `${id}.0`,
      };
      return statuses(status);
    };

  async function approvedOn(service: GuardedService, to: string, hash: string) {
    const { body } = await service.start({ to });
    await service.webhook(seen(hash)(body.id, to));
    expect((await check(body.id, await codeSentTo(deployment, to))).body.valid).toBe(true);
  }

  it("an identity that has changed since the last approval is reported on this answer and the next ones", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService({ identity_change: "report" });
    const to = newNumber();
    await approvedOn(service, to, "hash one");
    vi.setSystemTime(Date.now() + 60_000);
    const { body } = await service.start({ to, purpose: "signup" });
    expect(body.identity_changed).toBe(false);
    await service.webhook(seen("hash two")(body.id, to));
    expect((await api("GET", `/v1/verifications/${body.id}`)).body.identity_changed).toBe(true);
    // A report that is older than the last one changes nothing.
    await service.webhook(seen("hash one")(body.id, to, Date.now() - 30_000));
    expect((await service.start({ to, purpose: "recovery" })).body.identity_changed).toBe(true);
  });

  it("an identity is ignored unless the configuration says otherwise", async () => {
    const service = new GuardedService({});
    const to = newNumber();
    await approvedOn(service, to, "hash one");
    const { body } = await service.start({ to, purpose: "signup" });
    await service.webhook(seen("hash two")(body.id, to, Date.now() + 5_000));
    expect((await api("GET", `/v1/verifications/${body.id}`)).body.identity_changed).toBe(false);
  });

  it("a phone with a changed identity gets no code on any channel under refuse_whatsapp, until an operator unlocks it", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService({ identity_change: "refuse_whatsapp" });
    const to = newNumber();
    await approvedOn(service, to, "hash one");
    vi.setSystemTime(Date.now() + 60_000);
    const { body } = await service.start({ to, purpose: "signup" });
    await service.webhook(seen("hash two")(body.id, to));
    const refused = await service.start({ to, purpose: "recovery" });
    expect(refused).toMatchObject({ status: 403, body: { code: "denied_by_policy" } });
    expect(service.events.at(-1)?.decision).toMatchObject({ rule: "identity_change", refused: true });
    const other = await service.start({ to, purpose: "either", channels: ["whatsapp", "sms"] });
    expect(other).toMatchObject({ status: 403, body: { code: "denied_by_policy" } });
    expect((await messagesTo(deployment, to)).map(({ channel }) => channel)).toEqual([
      "whatsapp",
      "whatsapp",
    ]);
    await api("POST", "/v1/guard/unlock", { to, reason: "a new phone" });
    expect((await service.start({ to, purpose: "either" })).body.identity_changed).toBe(false);
  });

  it("a phone whose identity WhatsApp rejects gets no code by SMS either", async () => {
    vi.mocked(fetch).mockImplementationOnce(async () =>
      Response.json({ error: { code: 137000, message: "" } }, { status: 400 }),
    );
    const service = new GuardedService({ identity_change: "report" });
    const to = newNumber();
    const { status, body } = await service.start({ to, purpose: "either" });
    expect([status, body.code, body.provider.code]).toEqual([502, "channel_failed", "137000"]);
    expect(await messagesTo(deployment, to)).toEqual([]);
  });
});
