import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { BlockedNetworks } from "../../src/guard/clients/blocked-networks.ts";
import { networkTag } from "../../src/guard/fence.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { codeSentTo, newNumber, useDeployment } from "../deployment.ts";
import { deny } from "./denials.ts";
import { describeRuleInEveryMode, divertEvents, GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();
const IP = "203.0.113.77";
const client = { ip: IP };
const MINUTE_MS = 60_000;
const tag = networkTag(new Keyring(env.SECRET_KEY), IP);

/** Requests a code from the network for a stranger, who denies it. */
async function deniedStart(service: GuardedService, more: object = {}) {
  const to = newNumber();
  expect((await service.start({ to, client, ...more })).status).toBe(201);
  await deny(deployment, service, to);
}

async function deniedTimes(service: GuardedService, times: number) {
  for (let time = 0; time < times; time += 1) await deniedStart(service);
}

const startFrom = (service: GuardedService) => service.start({ to: newNumber(), client });

describeRuleInEveryMode(
  "a network that requested two denied codes and had none approved",
  {
    rule: "client_denied",
    code: "rate_limited",
    figures: { denials: 2, approvals: 0, network: tag },
    limits: { quota: 2, approvals_per_denial: 50, window_seconds: 86_400 },
    guard: (mode) => ({ number_owner: { mode } }),
    prepare: (service) => deniedTimes(service, 2),
    request: { to: newNumber(), client },
  },
  deployment,
);

describe("a network whose users approve codes", () => {
  it("denials block a network only when they are more than one in fifty of what it approved", async () => {
    const service = new GuardedService({});
    await env.CLIENT_NETWORKS.getByName(tag).approve(100);
    await deniedTimes(service, 2);
    expect((await startFrom(service)).status).toBe(201);
    await deniedStart(service);
    const refused = await startFrom(service);
    expect([refused.status, refused.body.code]).toEqual([429, "rate_limited"]);
    expect(service.events.at(-1)?.decision.figures).toMatchObject({ denials: 3, approvals: 100 });
  });

  it("one approval in sixteen reaches the network's object, as sixteen", async () => {
    const service = new GuardedService({});
    const to = newNumber();
    const { body } = await service.start({ to, client });
    const events = await divertEvents(body.id);
    const code = await codeSentTo(deployment, to);
    await service.call("POST", `/v1/verifications/${body.id}/check`, { code });
    const [approved] = events;
    if (approved?.kind !== "verification") throw new Error("The check caused no event");
    expect(approved.verification.network).toBe(tag);
    const ids = [..."0123456789abcdefghjkmnpqrstvwxyz"].map((digit) => `${body.id.slice(0, -2)}${digit}0`);
    const closings = ids.map((id) => ({
      ...approved,
      id: `evt_${id}`,
      verification: { ...approved.verification, id: id as typeof approved.verification.id },
    }));
    const approve = vi.fn();
    vi.spyOn(env.CLIENT_NETWORKS, "getByName").mockReturnValue({ approve } as never);
    await service.deliver(closings);
    expect(approve.mock.calls).toEqual([[32]]);
  });
});

describe("the block of a network", () => {
  it("begins with ten minutes and grows with each further denial", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const service = new GuardedService({ named_limits: { mode: "off" } });
    await deniedTimes(service, 2);
    const lengths: number[] = [];
    for (let block = 0; block < 3; block += 1) {
      const refused = await startFrom(service);
      expect(refused.status).toBe(429);
      const seconds = Number(refused.headers.get("retry-after"));
      lengths.push(Math.round(seconds / 60));
      vi.setSystemTime(Date.now() + seconds * 1000 + MINUTE_MS);
      await deniedStart(service);
    }
    expect(lengths).toEqual([10, 60, 360]);
  });

  it.each([
    ["its address", { ip: IP }],
    ["its tag", { network: tag }],
  ])("is ended by an operator with %s, which is audited without the address", async (_, which) => {
    const service = new GuardedService({});
    await deniedTimes(service, 2);
    expect((await startFrom(service)).status).toBe(429);
    const unblock = () => service.call("POST", "/v1/guard/unblock", { ...which, reason: "a carrier" });
    expect((await unblock()).body).toMatchObject({
      action: "unblockRange",
      target: `network ${tag}`,
      changed: true,
      reason: "a carrier",
    });
    expect((await startFrom(service)).status).toBe(201);
    expect((await unblock()).body.changed).toBe(false);
    const { results } = await env.JOURNAL.prepare("SELECT * FROM audit").all();
    expect(JSON.stringify(results)).not.toContain(IP);
  });

  it.each([
    {},
    { ip: IP, network: tag },
    { ip: "here" },
    { network: "short" },
    { range: "+6281234567", ip: IP },
  ])("an unblocking that does not name one range or network is refused: %j", async (which) => {
    const service = new GuardedService({});
    const { status } = await service.call("POST", "/v1/guard/unblock", { ...which, reason: "why" });
    expect(status).toBe(400);
  });
});

describe("the blocked networks in KV", () => {
  const background = () => {};
  const block = (denials: number) => ({ until: Date.now() + 600_000, denials, approvals: 0 });
  const isolate = () => new BlockedNetworks(env.GUARD_LISTS);
  const tags = async (of: BlockedNetworks) => [...(await of.get(background)).keys()].sort();

  it("are all kept when isolates block networks at the same moment, and are known to a new isolate", async () => {
    const names = Array.from({ length: 30 }, (_, at) => `network-${at + 10}`);
    await Promise.all(names.map((name, at) => isolate().block(name, block(at))));
    // In pages, as KV lists more than a thousand.
    const list = env.GUARD_LISTS.list.bind(env.GUARD_LISTS);
    const pages = vi.spyOn(env.GUARD_LISTS, "list");
    pages.mockImplementation((options) => list({ ...options, limit: 12 }));
    const later = isolate();
    expect(await tags(later)).toEqual(names);
    expect(pages).toHaveBeenCalledTimes(3);
    expect((await later.get(background)).get("network-17")).toMatchObject({ denials: 7, approvals: 0 });
  });

  it("are listed after changes alone, and asked for once a minute", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const listed = vi.spyOn(env.GUARD_LISTS, "list");
    const reader = isolate();
    const work: Promise<unknown>[] = [];
    const read = async () => {
      await reader.get((more) => void work.push(more));
      await Promise.all(work.splice(0));
    };
    await read();
    expect(listed).not.toHaveBeenCalled();
    await isolate().block("elsewhere", block(2));
    vi.setSystemTime(Date.now() + MINUTE_MS);
    await read();
    expect(await tags(reader)).toEqual(["elsewhere"]);
    expect(listed).toHaveBeenCalledOnce();
    // Until KV has shown the change everywhere.
    for (let minute = 0; minute < 20; minute += 1) {
      vi.setSystemTime(Date.now() + MINUTE_MS);
      await read();
    }
    expect(listed.mock.calls.length).toBeLessThanOrEqual(7);
  });

  it("are known at once in the isolate that blocks or unblocks, also while KV lists the former ones", async () => {
    const reader = isolate();
    await reader.block("here", block(2));
    vi.spyOn(env.GUARD_LISTS, "list").mockResolvedValue({ keys: [], list_complete: true, cacheStatus: null });
    expect(await tags(reader)).toEqual(["here"]);
    expect(await reader.unblock("here")).toBe(true);
    expect(await tags(reader)).toEqual([]);
    expect(await reader.unblock("here")).toBe(false);
  });

  it("are ended also where KV does not show them yet", async () => {
    const operator = isolate();
    await isolate().block("elsewhere", block(2));
    const shown = vi.spyOn(env.GUARD_LISTS, "get");
    shown.mockImplementation((async (keys: unknown) => (Array.isArray(keys) ? new Map() : null)) as never);
    expect(await operator.unblock("elsewhere")).toBe(false);
    shown.mockRestore();
    expect(await tags(isolate())).toEqual([]);
  });

  it("of an earlier version hold for their day, and can be ended", async () => {
    const former = { before: block(3), [tag]: block(2) };
    await env.GUARD_LISTS.put("blocked_networks", JSON.stringify(former), { expirationTtl: 86_400 });
    const service = new GuardedService({});
    expect((await startFrom(service)).status).toBe(429);
    await service.call("POST", "/v1/guard/unblock", { network: tag, reason: "a carrier" });
    expect((await startFrom(service)).status).toBe(201);
    expect(await tags(isolate())).toEqual(["before"]);
  });
});
