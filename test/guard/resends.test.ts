import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { networkTag } from "../../src/guard/fence.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { newNumber, useDeployment } from "../deployment.ts";
import { deny } from "./denials.ts";
import { GuardedService } from "./guarded-service.ts";

const deployment = useDeployment();
const client = { ip: "203.0.113.50" };
const limits = { account: "u_1" };
const TWICE = { named_limits: { windows: { account: "2 per h" } } };

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
});

/** Starts a verification, and waits until it may be sent again. */
async function started(service: GuardedService, body: object = { client, limits }) {
  const { body: begun } = await service.start({ to: newNumber(), ...body });
  vi.setSystemTime(Date.now() + 31_000);
  const resend = (more?: object) => service.call("POST", `/v1/verifications/${begun.id}/resend`, more);
  return { id: begun.id as string, resend };
}

describe("a resend", () => {
  it.each([
    ["without a body", undefined],
    ["with an empty body", {}],
    ["with empty limits", { limits: {} }],
    ["with another client", { client: { ip: "203.0.113.51" } }],
    ["with a limit of another name", { limits: { device: "d" } }],
  ])("is held to the named limits of its start: %s", async (_, more) => {
    const service = new GuardedService(TWICE);
    const { resend } = await started(service);
    expect((await service.start({ to: newNumber(), limits })).status).toBe(201);
    const refused = await resend(more);
    expect([refused.status, refused.body.code]).toEqual([429, "rate_limited"]);
    expect(service.events.at(-1)?.decision).toMatchObject({ rule: "named_limit", refused: true });
  });

  it("counts towards the named limits of its start", async () => {
    const service = new GuardedService(TWICE);
    const { resend } = await started(service);
    expect((await resend()).status).toBe(200);
    expect((await service.start({ to: newNumber(), limits })).status).toBe(429);
  });

  it("is held to the limits that it names", async () => {
    const service = new GuardedService(TWICE);
    const { resend } = await started(service, { limits: { account: "u_other" } });
    for (let time = 0; time < 2; time += 1) await service.start({ to: newNumber(), limits });
    expect((await resend({ limits })).status).toBe(429);
    expect((await resend()).status).toBe(200);
  });

  it("is counted by the fence for the network of its start, or for the client that it names", async () => {
    const fence = { limit: vi.fn(async (_: RateLimitOptions) => ({ success: true })) };
    const service = new GuardedService({}, { CLIENT_FENCE: fence });
    const { resend } = await started(service);
    await resend();
    await resend({ client: { ip: "203.0.113.51" } });
    const tagOf = (ip: string) => networkTag(new Keyring(env.SECRET_KEY), ip);
    expect(fence.limit.mock.calls.map(([{ key }]) => key)).toEqual([
      tagOf(client.ip),
      tagOf(client.ip),
      tagOf("203.0.113.51"),
    ]);
  });

  it("is refused while the network of its start is blocked", async () => {
    const service = new GuardedService({});
    const { resend } = await started(service);
    for (let time = 0; time < 2; time += 1) {
      const to = newNumber();
      await service.start({ to, client });
      await deny(deployment, service, to);
    }
    expect((await resend()).status).toBe(429);
    expect(service.events.at(-1)?.decision.rule).toBe("client_denied");
  });

  it.each([
    { client: { ip: "here" } },
    { limits: { Account: "x" } },
    { limits: { account: "" } },
    { surprise: 1 },
  ])("is refused when its input is not valid: %j", async (more) => {
    const { resend } = await started(new GuardedService({}));
    expect(await resend(more)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});
