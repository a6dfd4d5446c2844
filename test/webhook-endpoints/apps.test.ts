import { describe, expect, it } from "vitest";
import { type Event, withApp } from "../../src/events/event.ts";
import { type AppName, DEFAULT_APP } from "../../src/ids/app-name.ts";
import { deliverEvents } from "../../src/webhook-endpoints/queue.ts";
import { noticeEvent, verificationEvent } from "./events.ts";
import { useRig } from "./rig.ts";

const rig = useRig();
const TO = "+6281234567890";
const SHOP = "shop" as AppName;

function eventOf(app: AppName): Event {
  const event = verificationEvent(rig().keyring, TO);
  return { ...event, verification: { ...event.verification, app } };
}

describe("An event of an app", () => {
  it("an event reaches the webhook endpoints of its own app only, and names the app", async () => {
    await rig().register("default.example.com");
    await rig().register("shop.example.com", null, SHOP);
    const [ofDefault, ofShop] = [eventOf(DEFAULT_APP), eventOf(SHOP)];
    await deliverEvents([ofDefault, ofShop], rig().webhooks);
    await rig().runFor(0);
    const received = rig().received.map(({ host, id, event }) => [host, id, event.data.app]);
    expect(received.sort()).toEqual([
      ["default.example.com", ofDefault.id, "default"],
      ["shop.example.com", ofShop.id, "shop"],
    ]);
  });

  it("an event about the WhatsApp account reaches the webhook endpoints of the default app", async () => {
    await rig().register("default.example.com");
    await rig().register("shop.example.com", null, SHOP);
    await deliverEvents([noticeEvent(rig().keyring, TO)], rig().webhooks);
    await rig().runFor(0);
    expect(rig().received).toMatchObject([
      { host: "default.example.com", event: { data: { app: "default" } } },
    ]);
  });

  it("an event that was queued before there were apps belongs to the default app", async () => {
    await rig().register("default.example.com");
    const { app: _, ...verification } = verificationEvent(rig().keyring, TO).verification;
    const former = { ...eventOf(SHOP), verification } as unknown as Event;
    await deliverEvents([withApp(former)], rig().webhooks);
    await rig().runFor(0);
    expect(rig().received).toMatchObject([
      { host: "default.example.com", event: { data: { app: "default" } } },
    ]);
  });

  it("an event that was queued before there were other APIs came by v1", async () => {
    await rig().register("default.example.com");
    const { via: _, ...verification } = verificationEvent(rig().keyring, TO).verification;
    const former = { ...verificationEvent(rig().keyring, TO), verification } as unknown as Event;
    await deliverEvents([withApp(former)], rig().webhooks);
    await rig().runFor(0);
    expect(rig().received).toMatchObject([{ event: { data: { via: "v1" } } }]);
  });

  it("each app may have as many webhook endpoints as the limit, whatever the others have", async () => {
    for (let count = 0; count < 20; count += 1) await rig().register(`${count}.example.com`);
    await expect(rig().register("one-more.example.com")).rejects.toThrow("too many endpoints");
    await rig().register("shop.example.com", null, SHOP);
  });
});
