import { describe, expect, it } from "vitest";
import { BUSINESS } from "./business.ts";
import { authenticationSend, bodyComponent, buttonComponent, createRig, NOW, SETTINGS } from "./rig.ts";
import { startingTemplates } from "./templates/authentication.ts";
import type { TemplateStatus } from "./templates/template.ts";

const send = authenticationSend();

function withComponents(...components: object[]) {
  return { ...send, template: { ...send.template, components } };
}

describe("an accepted send", () => {
  it("returns the message id with the status accepted", async () => {
    const response = await createRig().send({ ...send, to: "+62 812-3456-7890" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      messaging_product: "whatsapp",
      contacts: [{ input: "+62 812-3456-7890", wa_id: "6281234567890" }],
      messages: [{ id: expect.stringMatching(/^wamid\.HBg\w{40,}$/), message_status: "accepted" }],
    });
  });

  it("is on the phone with the wording of its language", async () => {
    const rig = createRig();
    const body = authenticationSend({ language: "id", code: "J$&pnYnP" });
    const id = await rig.sent({ ...body, biz_opaque_callback_data: "vrf_1" });
    const answer = await (await rig.control("GET", "/messages")).json();
    expect(answer).toEqual({
      messages: [
        expect.objectContaining({
          id,
          channel: "whatsapp",
          to: "+6281234567890",
          template: "verification_code",
          language: "id",
          code: "J$&pnYnP",
          text: "J$&pnYnP adalah kode verifikasi Anda. Demi keamanan, jangan bagikan kode ini.\nKode ini kedaluwarsa dalam 5 menit.",
          buttons: [{ type: "copy_code", text: "Salin kode" }],
          status: "accepted",
          callback_data: "vrf_1",
          created_at: new Date(NOW).toISOString(),
        }),
      ],
    });
  });

  it("without a plus sign goes to a number of the business's own country", async () => {
    const rig = createRig();
    const { contacts } = await (await rig.send({ ...send, to: "6281234567890" })).json();
    expect(contacts).toEqual([{ input: "6281234567890", wa_id: "16281234567890" }]);
    const answer = await (await rig.control("GET", "/messages?to=%2B6281234567890")).json();
    expect(answer).toEqual({ messages: [] });
  });

  it("reaches an account with a former id under both of its numbers", async () => {
    const rig = createRig();
    await rig.control("PUT", "/numbers/+5584963712772", { wa_id: "558463712772" });
    for (const to of ["+5584963712772", "+558463712772"]) {
      const { contacts } = await (await rig.send({ ...send, to })).json();
      expect(contacts).toEqual([{ input: to, wa_id: "558463712772" }]);
    }
    const { messages } = await (await rig.control("GET", "/messages?to=%2B5584963712772")).json();
    expect(messages).toHaveLength(2);
    await rig.control("POST", "/inbound", { from: "+5584963712772", text: "Oi" });
    await rig.simulator.settled();
    const webhooks = JSON.stringify(rig.received.map(({ body }) => body));
    expect(webhooks).toContain('\\"recipient_id\\":\\"558463712772\\"');
    expect(webhooks).toContain('\\"from\\":\\"558463712772\\"');
  });

  it.each([
    ["the button's index as a number", withComponents(bodyComponent("1234"), buttonComponent("1234", 0))],
    ["a code of 15 characters", authenticationSend({ code: "123456789012345" })],
    ["callback data of 512 characters", { ...send, biz_opaque_callback_data: "x".repeat(512) }],
    ["fields it does not know", { ...send, messaging_account_id: "1" }],
  ])("may have %s", async (_case, body) => {
    expect((await createRig().send(body)).status).toBe(200);
  });
});

describe("a refused send", () => {
  const tooLong = "1234567890123456";
  const refusals: [string, unknown, number, number][] = [
    ["no messaging_product", { ...send, messaging_product: undefined }, 400, 100],
    ["another product", { ...send, messaging_product: "sms" }, 400, 100],
    ["no recipient", { ...send, to: undefined }, 400, 100],
    ["a business-scoped user id", { ...send, to: undefined, recipient: "US.1349" }, 400, 131062],
    ["something that is no number", { ...send, to: "everyone" }, 400, 131009],
    ["the sender as the recipient", { ...send, to: `+${BUSINESS.number}` }, 400, 131021],
    ["a type it does not have", { ...send, type: "image" }, 400, 131051],
    ["no template", { ...send, template: undefined }, 400, 100],
    ["no language", { ...send, template: { name: "verification_code" } }, 400, 100],
    ["an unknown template", authenticationSend({ name: "other" }), 404, 132001],
    ["a language the template lacks", authenticationSend({ language: "sv" }), 404, 132001],
    ["a hyphen in the language", authenticationSend({ language: "en-US" }), 404, 132001],
    ["no components", withComponents(), 400, 132000],
    ["no body parameter", withComponents(buttonComponent("1")), 400, 132000],
    [
      "two body parameters",
      withComponents(bodyComponent("1"), bodyComponent("1"), buttonComponent("1")),
      400,
      132000,
    ],
    ["no button parameter", withComponents(bodyComponent("1")), 400, 131008],
    [
      "a button without parameters",
      withComponents(bodyComponent("1"), { ...buttonComponent("1"), parameters: [] }),
      400,
      131008,
    ],
    [
      "the button at another index",
      withComponents(bodyComponent("1"), buttonComponent("1", "1")),
      400,
      131008,
    ],
    [
      "two buttons",
      withComponents(bodyComponent("1"), buttonComponent("1"), buttonComponent("1", "1")),
      400,
      132000,
    ],
    [
      "a quick reply for a button",
      withComponents(bodyComponent("1"), { ...buttonComponent("1"), sub_type: "quick_reply" }),
      400,
      132012,
    ],
    [
      "a body parameter that is no text",
      withComponents({ type: "body", parameters: [{ type: "currency" }] }, buttonComponent("1")),
      400,
      132012,
    ],
    ["an empty code", withComponents(bodyComponent(""), buttonComponent("1")), 400, 131008],
    ["a code of 16 characters", withComponents(bodyComponent(tooLong), buttonComponent("1")), 400, 131009],
    [
      "a button's code of 16 characters",
      withComponents(bodyComponent("1"), buttonComponent(tooLong)),
      400,
      131009,
    ],
    ["a code with a new line", authenticationSend({ code: "12\n34" }), 400, 132018],
    ["a code with a tab", authenticationSend({ code: "12\t34" }), 400, 132018],
    ["a code with five spaces", authenticationSend({ code: "12     34" }), 400, 132018],
    ["callback data of 513 characters", { ...send, biz_opaque_callback_data: "x".repeat(513) }, 400, 100],
    ["a body that is no object", 5, 400, 100],
  ];

  it.each(refusals)("with %s", async (_case, body, status, code) => {
    const rig = createRig();
    const response = await rig.send(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: {
        code,
        type: "OAuthException",
        message: expect.stringContaining(`(#${code})`),
        fbtrace_id: expect.stringMatching(/^A\w{10,}$/),
        ...(code === 100
          ? {}
          : { error_data: { messaging_product: "whatsapp", details: expect.stringMatching(/./) } }),
      },
    });
    expect(await (await rig.control("GET", "/messages")).json()).toEqual({ messages: [] });
  });

  it.each<[TemplateStatus, number, number]>([
    ["PAUSED", 400, 132015],
    ["DISABLED", 400, 132016],
    ["PENDING", 404, 132001],
    ["REJECTED", 404, 132001],
  ])("with a template that is %s", async (templateStatus, status, code) => {
    const templates = startingTemplates().map((template) => ({ ...template, status: templateStatus }));
    const response = await createRig({ initialState: { messages: [], templates, unreachable: [] } }).send(
      send,
    );
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it("names the missing nested parameter", async () => {
    const response = await createRig().send(withComponents({ parameters: [] }));
    expect(await response.json()).toMatchObject({
      error: { message: "(#100) The parameter template['components'][0]['type'] is required." },
    });
  });

  it("is rejected when the body is not JSON", async () => {
    const response = await createRig().simulator.app.request(`/v26.0/${SETTINGS.phoneNumberId}/messages`, {
      method: "POST",
      headers: { Authorization: `Bearer ${SETTINGS.accessToken}` },
      body: "{",
    });
    expect(await response.json()).toMatchObject({ error: { code: 100 } });
  });
});

describe("a free-form reply", () => {
  const reply = {
    messaging_product: "whatsapp",
    to: "+6281234567890",
    type: "text",
    text: { body: "On its way!", preview_url: true },
  };
  const DAY_MS = 86_400_000;

  it("is delivered within 24 hours of the last message of the user, and rejected afterwards", async () => {
    let now = NOW;
    const rig = createRig({ now: () => now });
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    await rig.control("POST", "/inbound", { from: "+6281234567890", text: "Where is it?" });
    now += DAY_MS - 1;
    const id = await rig.sent({ ...reply, context: { message_id: "wamid.1" } });
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages).toEqual([
      {
        id,
        channel: "whatsapp",
        category: "service",
        to: "+6281234567890",
        text: "On its way!",
        template: null,
        language: null,
        code: null,
        context_id: "wamid.1",
        header: null,
        body: "On its way!",
        footer: null,
        buttons: [],
        status: "accepted",
        error: null,
        callback_data: null,
        created_at: new Date(now).toISOString(),
      },
    ]);
    now += 1;
    const refused = await rig.send(reply);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: 131047, message: "(#131047) Re-engagement message" },
    });
  });

  it("is accepted within 24 hours of a tap, counted from the last message", async () => {
    let now = NOW;
    const rig = createRig({ now: () => now });
    await rig.control("POST", "/inbound", { from: "+6281234567890", text: "Where is it?" });
    now += DAY_MS;
    const tap = { from: "+6281234567890", button_payload: "STOP", context_id: "wamid.1" };
    await rig.control("POST", "/inbound", tap);
    expect((await rig.send(reply)).status).toBe(200);
  });

  it("is reported as a service message", async () => {
    const rig = createRig();
    await rig.control("POST", "/inbound", { from: "+6281234567890", text: "Where is it?" });
    await rig.sent({ ...reply, biz_opaque_callback_data: "msg_1" });
    await rig.simulator.settled();
    const [change] = JSON.parse(rig.received.at(-1)?.body ?? "").entry[0].changes;
    expect(change.value.statuses[0]).toMatchObject({
      status: "delivered",
      biz_opaque_callback_data: "msg_1",
      pricing: { billable: false, type: "free_customer_service", category: "service" },
    });
  });

  it.each<[string, object, number]>([
    ["a user who never wrote", { to: "+14155550123" }, 131047],
    ["no text", { text: undefined }, 100],
    ["an empty text", { text: { body: "" } }, 100],
    ["a text of 4097 characters", { text: { body: "x".repeat(4_097) } }, 100],
    ["the sender as the recipient", { to: `+${BUSINESS.number}` }, 131021],
    ["a business-scoped user id", { to: undefined, recipient: "US.1349" }, 131009],
  ])("is refused with %s", async (_case, change, code) => {
    const rig = createRig();
    await rig.control("POST", "/inbound", { from: "+6281234567890", text: "Where is it?" });
    const response = await rig.send({ ...reply, ...change });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});

describe("the path and the token", () => {
  const path = `/v26.0/${SETTINGS.phoneNumberId}`;

  it.each([
    ["no token", path, {}, 401, { code: 0, type: "AuthException" }],
    ["a wrong token", path, { Authorization: "Bearer wrong" }, 401, { code: 190, type: "OAuthException" }],
  ])("refuse %s", async (_case, url, headers, status, error) => {
    const response = await createRig().simulator.app.request(url, { headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
  });

  it.each([
    ["GET", `/26.0/${SETTINGS.phoneNumberId}`, { code: 2500 }],
    ["POST", "/latest/1/messages", { code: 2500 }],
    ["GET", "/", { code: 2500 }],
    ["POST", `${path}/enlist`, { code: 2500 }],
    ["GET", "/v26.0/1", { code: 100, error_subcode: 33, type: "GraphMethodException" }],
    ["POST", "/v26.0/1/messages", { code: 100, error_subcode: 33, type: "GraphMethodException" }],
    ["GET", "/v26.0/1/message_templates", { code: 100, error_subcode: 33 }],
  ])("refuse %s %s", async (method, url, error) => {
    const response = await createRig().graph(method, url);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });

  it("return the requested fields of the phone number and its id", async () => {
    const response = await createRig().graph("GET", `${path}?fields=display_phone_number,verified_name`);
    expect(await response.json()).toEqual({
      id: SETTINGS.phoneNumberId,
      display_phone_number: BUSINESS.displayNumber,
      verified_name: BUSINESS.name,
    });
  });

  it("reject an unknown field of the phone number", async () => {
    const response = await createRig().graph("GET", `${path}?fields=colour`);
    expect(await response.json()).toMatchObject({ error: { code: 100 } });
  });
});
