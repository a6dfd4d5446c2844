import { describe, expect, it } from "vitest";
import { createRig, NOW, type Rig } from "./rig.ts";

const USER = "+6281234567890";

function inboundOf({ received }: Rig) {
  const body = JSON.parse(received.at(-1)?.body ?? "{}");
  return body.entry[0].changes[0].value;
}

const send = (rig: Rig, body: object) => rig.send(Object.assign({ messaging_product: "whatsapp" }, body));

describe("A user who writes first", () => {
  it("needs no chat, and is opened with the draft of a link by /wa/{number}", async () => {
    const { simulator } = createRig();
    const response = await simulator.app.request("/wa/12065550100?text=a%20b%26c");
    expect([response.status, response.headers.get("location")]).toEqual([302, "/?draft=a+b%26c"]);
    expect((await simulator.app.request("/wa/12065550199?text=a")).status).toBe(404);
  });

  it("is named by an id alone where they have a username, and is reached by that id", async () => {
    const rig = createRig();
    await rig.control("POST", "/inbound", { from: USER, text: "hi", without_number: true });
    const { contacts, messages } = inboundOf(rig);
    expect([messages[0].from, contacts[0].wa_id]).toEqual([undefined, undefined]);
    const question = {
      recipient: messages[0].from_user_id,
      type: "interactive",
      interactive: {
        type: "request_contact_info",
        body: { text: "Your number?" },
        action: { name: "request_contact_info" },
      },
    };
    expect((await send(rig, question)).status).toBe(200);
    const { messages: shown } = await (await rig.control("GET", `/messages?to=${USER}`)).json();
    expect(shown).toMatchObject([{ text: "Your number?", buttons: [{ type: "share_number" }] }]);
  });

  it("shares their own number with the origin of an answer, and a card of another with none", async () => {
    const rig = createRig();
    await rig.control("POST", "/inbound", { from: USER, shares_number: true });
    expect(inboundOf(rig).messages[0]).toMatchObject({
      type: "contacts",
      contacts: [{ origin: "contact_request", phones: [{ wa_id: USER.slice(1) }] }],
    });
    await rig.control("POST", "/inbound", { from: USER, forwards_card_of: "+6281234567891" });
    expect(inboundOf(rig).messages[0]).toMatchObject({
      contacts: [{ origin: "other", phones: [{ wa_id: "6281234567891" }] }],
    });
  });

  it("may have written a while ago by WhatsApp's clock", async () => {
    const rig = createRig();
    await rig.control("POST", "/inbound", { from: USER, text: "hi", seconds_ago: 90 });
    expect(inboundOf(rig).messages[0].timestamp).toBe(String(Math.floor(NOW / 1000) - 90));
  });

  it("sees the buttons of a free-form answer with their payload, and taps them as such", async () => {
    const rig = createRig();
    await rig.control("POST", "/inbound", { from: USER, text: "hi" });
    const buttons = [{ type: "reply", reply: { id: "not_me:x", title: "It wasn't me" } }];
    const interactive = { type: "button", body: { text: "Done." }, action: { buttons } };
    const id = await rig.sent({ messaging_product: "whatsapp", to: USER, type: "interactive", interactive });
    const { messages } = await (await rig.control("GET", `/messages?to=${USER}`)).json();
    expect(messages[0].buttons).toEqual([{ type: "quick_reply", text: "It wasn't me", payload: "not_me:x" }]);
    await rig.control("POST", "/inbound", { from: USER, button_payload: "not_me:x", context_id: id });
    expect(inboundOf(rig).messages[0]).toMatchObject({
      type: "interactive",
      interactive: { button_reply: { id: "not_me:x", title: "It wasn't me" } },
    });
  });

  it("gets no free-form message before they have written", async () => {
    const interactive = {
      type: "button",
      body: { text: "Done." },
      action: { buttons: [{ type: "reply", reply: { id: "x", title: "y" } }] },
    };
    const response = await send(createRig(), { to: USER, type: "interactive", interactive });
    expect((await response.json()).error.code).toBe(131047);
  });
});
