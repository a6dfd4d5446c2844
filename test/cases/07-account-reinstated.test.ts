import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { change, newNumber, unixNow, useDeployment, type WebhookOrigin } from "../deployment.ts";
import { GuardedService } from "../guard/guarded-service.ts";
import { newService } from "./rig.ts";

useDeployment();

const ban = (waba_ban_state: string, origin?: WebhookOrigin) =>
  change(
    "account_update",
    { event: "DISABLED_UPDATE", ban_info: { waba_ban_state, waba_ban_date: "November 29, 2026" } },
    origin,
  );
const update = (value: object, origin?: WebhookOrigin) => change("account_update", value, origin);
const sends = async (service: GuardedService) => (await service.start({ to: newNumber() })).status;

/** The statuses of a start after each of the webhooks. */
async function sendsAfter(...webhooks: object[]): Promise<number[]> {
  const service = newService();
  const results: number[] = [];
  for (const body of webhooks) {
    expect(await service.webhook(body)).toBe(200);
    results.push(await sends(service));
  }
  return results;
}

describe("07-account-reinstated", () => {
  it("DISABLE stops the account's messages, and REINSTATE lets the next one through at once", async () => {
    expect(await sendsAfter(ban("DISABLE"), ban("REINSTATE"))).toEqual([503, 201]);
  });

  it("REINSTATE alone opens nothing", async () => {
    expect(await sendsAfter(ban("REINSTATE"))).toEqual([201]);
  });

  it("REINSTATE reaches the other isolates within their next exchange", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const [told, other] = [newService(), newService()];
    await told.webhook(ban("DISABLE"));
    await other.webhook(ban("DISABLE"));
    await told.webhook(ban("REINSTATE"));
    vi.setSystemTime(Date.now() + 11_000);
    await sends(other);
    await vi.waitFor(async () => expect(await sends(other)).toBe(201));
  });

  it("SCHEDULE_FOR_DISABLE and an unknown state stop nothing", async () => {
    expect(await sendsAfter(ban("SCHEDULE_FOR_DISABLE"), ban("A_STATE_OF_2027"))).toEqual([201, 201]);
  });

  it("SCHEDULE_FOR_DISABLE is told as sender.updated", async () => {
    const told: unknown[] = [];
    const EVENTS = {
      sendBatch: async (messages: Iterable<MessageSendRequest<unknown>>) => {
        for (const { body } of messages) told.push(body);
      },
    };
    const service = new GuardedService({}, { EVENTS });
    const url = "https://hooks.example.com/sandi";
    await service.call("POST", "/v1/webhook-endpoints", { url, event_types: ["sender.updated"] });
    await service.webhook(ban("SCHEDULE_FOR_DISABLE"));
    expect(told).toMatchObject([
      { type: "sender.updated", data: { event: "DISABLED_UPDATE", ban_info: expect.anything() } },
    ]);
  });

  it("a ban that is older than the reinstatement, or minutes old, stops nothing", async () => {
    const now = unixNow();
    const late = ban("DISABLE", { time: now - 20 });
    expect(await sendsAfter(ban("REINSTATE", { time: now - 10 }), late)).toEqual([201, 201]);
    expect(await sendsAfter(ban("DISABLE", { time: now - 600 }))).toEqual([201]);
  });

  it.each([
    ["ACCOUNT_DELETED", { event: "ACCOUNT_DELETED" }, 503],
    ["ACCOUNT_OFFBOARDED", { event: "ACCOUNT_OFFBOARDED" }, 503],
    ["a restriction of messages in force", restricted("RESTRICTED_BIZ_INITIATED_MESSAGING", 3600), 503],
    ["a restriction of messages that has ended", restricted("RESTRICTED_BIZ_INITIATED_MESSAGING", -60), 201],
    ["a restriction of adding numbers", restricted("RESTRICTED_ADD_PHONE_NUMBER_ACTION", 3600), 201],
    ["a violation", { event: "ACCOUNT_VIOLATION", violation_info: { violation_type: "SCAM" } }, 201],
    ["a partner", { event: "PARTNER_ADDED", waba_info: { waba_id: env.WHATSAPP_BUSINESS_ACCOUNT_ID } }, 201],
    ["a price tier", { event: "VOLUME_BASED_PRICING_TIER_UPDATE", volume_tier_info: {} }, 201],
    ["an unknown event", { event: "AN_EVENT_OF_2027", ban_info: "none" }, 201],
    ["an event that is no text", { event: 7 }, 201],
  ])("%s: the next start is answered with the status of what it says", async (_, value, status) => {
    expect(await sendsAfter(update(value))).toEqual([status]);
  });
});

function restricted(restriction_type: string, forSeconds: number): object {
  return {
    event: "ACCOUNT_RESTRICTION",
    restriction_info: [{ restriction_type, expiration: unixNow() + forSeconds }],
  };
}
