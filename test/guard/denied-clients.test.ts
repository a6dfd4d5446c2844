import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
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
