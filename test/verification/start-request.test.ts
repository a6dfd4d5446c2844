import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import type { AppName } from "../../src/ids/app-name.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import type { StartRequest } from "../../src/verification/requests.ts";
import { codeSentTo, messagesTo, newNumber, start as startByV1, useDeployment } from "../deployment.ts";
import { START_REQUEST } from "./fixtures.ts";

/** What a start can ask for that no call of `/v1` does. */

const deployment = useDeployment();

function start(to: string, fields: Partial<StartRequest> = {}) {
  const request = { ...START_REQUEST, to: to as E164, ...fields };
  return deploy(env).verifications.start(request, null, () => {});
}

async function idOf(response: Awaited<ReturnType<typeof start>>) {
  if (response.kind !== "send_answer") throw new Error(`The start was answered with ${response.kind}`);
  return response.verification.id;
}

describe("a start of another API", () => {
  it("gets a code of the policy's length where it asks for a shorter one", async () => {
    const to = newNumber();
    await start(to, { codeLength: 4 });
    expect(await codeSentTo(deployment, to)).toMatch(/^\d{6}$/);
  });

  it("is refused with the pending verification where it asks for that, and sends nothing", async () => {
    const to = newNumber();
    const { body } = await startByV1({ to });
    expect(await start(to, { whilePending: "refuse", via: "vonage" })).toMatchObject({
      kind: "already_pending",
      verification: { id: body.id, via: "v1" },
    });
    expect(await messagesTo(deployment, to)).toHaveLength(1);
  });

  it("supersedes the pending verification of any API where it asks for that, once the cool-down is over", async () => {
    const to = newNumber();
    const fields = { whilePending: "supersede", via: "camara" } as const;
    const first = await idOf(await start(to, { ...fields, purpose: "patient" }));
    const early = await start(to, { ...fields, purpose: "patient" });
    expect(early).toMatchObject({ kind: "refused", code: "resend_too_soon", pending: { id: first } });
    vi.useFakeTimers({ now: Date.now() + 6_000, toFake: ["Date"] });
    const next = await idOf(await start(to, { ...fields, purpose: "patient" }));
    expect(next).not.toBe(first);
    const { verifications } = deploy(env);
    expect(await verifications.get(first, null)).toMatchObject({ status: "canceled", reason: "superseded" });
    expect(await verifications.get(next, null)).toMatchObject({ status: "pending", sendsRemaining: 3 });
  });

  it("is named in via, in every answer", async () => {
    const to = newNumber();
    const id = await idOf(await start(to, { via: "twilio" }));
    const { verifications } = deploy(env);
    expect(await verifications.get(id, null)).toMatchObject({ via: "twilio" });
    expect(await verifications.listOf(to as E164, null)).toMatchObject([{ id, via: "twilio" }]);
  });

  it("approves by its id, within the app that it belongs to", async () => {
    const { verifications } = deploy(env);
    const id = await idOf(await start(newNumber(), { codeCheckedBy: "caller", via: "kratos" }));
    expect(await verifications.approve(id, "shop" as AppName)).toBeNull();
    expect(await verifications.approve(id, START_REQUEST.app)).toMatchObject({ id, status: "approved" });
  });
});
