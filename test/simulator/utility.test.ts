import { describe, expect, it } from "vitest";
import { buttonComponent, createRig, type Rig, SETTINGS, SHIPPING_UPDATE, shippingSend } from "./rig.ts";

const account = `/v26.0/${SETTINGS.businessAccountId}`;
const [header, body, footer] = SHIPPING_UPDATE.components;

/** The template with one of its parts in another form. */
function withPart(type: "HEADER" | "BODY" | "FOOTER" | "BUTTONS", change: object) {
  return {
    ...SHIPPING_UPDATE,
    components: SHIPPING_UPDATE.components.map((part) =>
      part.type === type ? { ...part, ...change } : part,
    ),
  };
}

function positional(text: string, example: string[]) {
  return {
    name: "reminder",
    language: "en_US",
    category: "UTILITY",
    components: [{ type: "BODY", text, ...(example.length > 0 && { example: { body_text: [example] } }) }],
  };
}

const named = (parameter_name: string, text: string) => ({ type: "text", parameter_name, text });
const text = (value: string) => ({ type: "text", text: value });

async function created(rig: Rig, template: object = SHIPPING_UPDATE): Promise<string> {
  const response = await rig.graph("POST", `${account}/message_templates`, template);
  if (response.status !== 200) throw new Error(await response.text());
  return (await response.json()).id;
}

async function fields(rig: Rig, names: string) {
  const response = await rig.graph("GET", `${account}/message_templates?category=utility&fields=${names}`);
  const answer: { data: Record<string, unknown>[] } = await response.json();
  return answer.data;
}

describe("creating a utility template", () => {
  it("creates a template with an id and keeps every component", async () => {
    const rig = createRig();
    const response = await rig.graph("POST", `${account}/message_templates`, SHIPPING_UPDATE);
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^\d+$/),
      status: "APPROVED",
      category: "UTILITY",
    });
    const [template] = await fields(rig, "components,parameter_format,message_send_ttl_seconds");
    expect(template).toMatchObject({
      components: SHIPPING_UPDATE.components,
      parameter_format: "NAMED",
      message_send_ttl_seconds: -1,
    });
  });

  it.each<[string, object]>([
    ["nothing but a body", positional("Hello there.", [])],
    ["positional parameters", positional("Your visit is on {{1}} at {{2}} sharp.", ["Friday", "10:00"])],
    ["words in lower case", { ...withPart("BODY", { type: "body" }), category: "utility" }],
    ["texts at their limits", withPart("BODY", { text: `${"word ".repeat(200)}{{name}} {{day}} days.` })],
    ["a time to live of 12 hours", { ...SHIPPING_UPDATE, message_send_ttl_seconds: 43_200 }],
    ["a time to live of 30 days", { ...SHIPPING_UPDATE, message_send_ttl_seconds: -1 }],
  ])("takes %s", async (_case, template) => {
    expect((await createRig().graph("POST", `${account}/message_templates`, template)).status).toBe(200);
  });

  const reply = { type: "QUICK_REPLY", text: "Stop" };
  const phone = { type: "PHONE_NUMBER", text: "Call us", phone_number: "+12065550100" };
  const url = { type: "URL", text: "Track", url: "https://example.com/{{1}}", example: ["A-77"] };
  it.each<[string, object, number | undefined]>([
    ["a header of 61 characters", withPart("HEADER", { text: "x".repeat(61), example: undefined }), 2388040],
    ["a body of 1025", withPart("BODY", { text: "x".repeat(1_025), example: undefined }), 2388040],
    ["a footer of 61", withPart("FOOTER", { text: "x".repeat(61) }), 2388040],
    ["a label of 26", withPart("BUTTONS", { buttons: [{ ...url, text: "x".repeat(26) }] }), 2388040],
    ["two variables in the header", withPart("HEADER", { text: "Order {{order}} {{day}}" }), 2388047],
    ["a header without its example", withPart("HEADER", { example: undefined }), 2388047],
    ["a body without its examples", withPart("BODY", { example: undefined }), 2388072],
    [
      "an example for another name",
      withPart("BODY", { text: "Hi {{first}}, it comes on {{day}}." }),
      2388072,
    ],
    ["names where positions are due", { ...SHIPPING_UPDATE, parameter_format: "POSITIONAL" }, 2388047],
    ["positions where names are due", withPart("BODY", { text: "Hi {{1}}, it comes on {{2}}." }), 2388072],
    ["positions out of order", positional("Your visit is on {{2}} at {{1}} sharp.", ["a", "b"]), 2388072],
    ["too few examples", positional("Your visit is on {{1}} at {{2}} sharp.", ["a"]), 2388072],
    ["an unfinished variable", positional("Your visit is on {{1} sharp.", []), 2388072],
    ["a variable in the footer", withPart("FOOTER", { text: "{{shop}}" }), 2388073],
    ["a body that starts with a variable", positional("{{1}} is your table.", ["5"]), 2388299],
    ["a body that ends with one", positional("Your table is {{1}}", ["5"]), 2388299],
    ["more variables than words", positional("At {{1}} {{2}} {{3}} sharp.", ["a", "b", "c"]), 2388293],
    ["no body", { ...SHIPPING_UPDATE, components: [footer] }, undefined],
    ["two bodies", { ...SHIPPING_UPDATE, components: [header, body, body] }, undefined],
    ["a name with capitals", { ...SHIPPING_UPDATE, name: "Shipping" }, undefined],
    [
      "a time to live of 12 hours and a second",
      { ...SHIPPING_UPDATE, message_send_ttl_seconds: 43_201 },
      undefined,
    ],
    ["a time to live of 29 seconds", { ...SHIPPING_UPDATE, message_send_ttl_seconds: 29 }, undefined],
    ["an image for a header", withPart("HEADER", { format: "IMAGE" }), undefined],
    [
      "a variable inside an address",
      withPart("BUTTONS", { buttons: [{ ...url, url: "https://x.test/{{1}}/y" }] }),
      undefined,
    ],
    [
      "an address without its example",
      withPart("BUTTONS", { buttons: [{ ...url, example: undefined }] }),
      undefined,
    ],
    ["an address between quick replies", withPart("BUTTONS", { buttons: [reply, url, reply] }), undefined],
    ["three addresses", withPart("BUTTONS", { buttons: [url, url, url] }), undefined],
    ["two phone numbers", withPart("BUTTONS", { buttons: [phone, phone] }), undefined],
    ["eleven buttons", withPart("BUTTONS", { buttons: Array.from({ length: 11 }, () => reply) }), undefined],
    [
      "a one-time code",
      withPart("BUTTONS", { buttons: [{ type: "OTP", otp_type: "COPY_CODE" }] }),
      undefined,
    ],
  ])("refuses %s", async (_case, template, subcode) => {
    const rig = createRig();
    const response = await rig.graph("POST", `${account}/message_templates`, template);
    expect(response.status).toBe(400);
    const { error } = await response.json();
    expect([error.code, error.error_subcode]).toEqual([100, subcode]);
    if (subcode !== undefined) expect(error.error_user_msg).toMatch(/./);
    expect(await fields(rig, "name")).toEqual([]);
  });

  it("rejects a name and language that already exist", async () => {
    const rig = createRig();
    await created(rig);
    const response = await rig.graph("POST", `${account}/message_templates`, SHIPPING_UPDATE);
    expect(await response.json()).toMatchObject({ error: { code: 100, error_subcode: 2388024 } });
    await created(rig, { ...SHIPPING_UPDATE, language: "id" });
  });
});

describe("editing a template", () => {
  const edit = {
    components: [body && { ...body, text: "Dear {{name}}, it comes on {{day}} instead." }, footer],
  };

  it("replaces the components and keeps name, language and category", async () => {
    const rig = createRig();
    const id = await created(rig);
    expect(await (await rig.graph("POST", `/v26.0/${id}`, edit)).json()).toEqual({ success: true });
    const [template] = await fields(rig, "name,parameter_format,components");
    expect(template).toEqual({
      id,
      name: "shipping_update",
      parameter_format: "NAMED",
      components: edit.components,
    });
  });

  it("edits an authentication template", async () => {
    const rig = createRig();
    const [{ id }] = (await (await rig.graph("GET", `${account}/message_templates?language=id`)).json()).data;
    const components = [
      { type: "BUTTONS", buttons: [{ type: "OTP", otp_type: "COPY_CODE", text: "Salin" }] },
    ];
    expect((await rig.graph("POST", `/v26.0/${id}`, { components })).status).toBe(200);
    const { templates } = await (await rig.control("GET", "/templates")).json();
    const edited = templates.find((template: { id: string }) => template.id === id);
    expect(edited).toMatchObject({
      name: "verification_code",
      language: "id",
      message_send_ttl_seconds: 300,
    });
    expect(edited.components.at(-1).buttons[0].text).toBe("Salin");
  });

  it.each(["REJECTED", "PAUSED"])(
    "puts a %s one up for review, and tells when that ends it",
    async (status) => {
      const rig = createRig();
      const id = await created(rig);
      await rig.control("POST", "/templates/shipping_update/status", { status });
      expect((await rig.graph("POST", `/v26.0/${id}`, edit)).status).toBe(200);
      await rig.simulator.settled();
      expect(rig.received.at(-1)?.body).toContain('"event":"APPROVED"');
      expect(await fields(rig, "status")).toEqual([{ id, status: "APPROVED" }]);
    },
  );

  it.each(["PENDING", "DISABLED", "IN_APPEAL"])("is refused while the template is %s", async (status) => {
    const rig = createRig();
    const id = await created(rig);
    await rig.control("POST", "/templates/shipping_update/status", { status });
    const response = await rig.graph("POST", `/v26.0/${id}`, edit);
    expect(await response.json()).toMatchObject({ error: { code: 100, error_subcode: 2388039 } });
  });

  it("is rejected for invalid components and for an unknown id", async () => {
    const rig = createRig();
    const id = await created(rig);
    const bad = await rig.graph("POST", `/v26.0/${id}`, { components: [footer] });
    expect(await bad.json()).toMatchObject({ error: { code: 100 } });
    const unknown = await rig.graph("POST", "/v26.0/1", edit);
    expect(await unknown.json()).toMatchObject({ error: { code: 100, error_subcode: 33 } });
  });
});

describe("sending a utility template", () => {
  it("shows header, body, footer and buttons with their values on the phone", async () => {
    const rig = createRig();
    await created(rig);
    const id = await rig.sent(shippingSend());
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages).toMatchObject([
      {
        id,
        channel: "whatsapp",
        category: "utility",
        template: "shipping_update",
        language: "en_US",
        code: null,
        context_id: null,
        header: "Order A-77",
        footer: "Example Shop",
        body: "Hi Ana, your parcel arrives on Friday before noon.",
        text: "Order A-77\nHi Ana, your parcel arrives on Friday before noon.\nExample Shop",
        buttons: [
          { type: "url", text: "Track", url: "https://example.com/t/A-77" },
          { type: "phone_number", text: "Call us", phone_number: "+12065550100" },
          { type: "quick_reply", text: "Stop updates", payload: "STOP" },
        ],
      },
    ]);
  });

  it("fills positional variables in order, with special characters unchanged", async () => {
    const rig = createRig();
    await created(rig, positional("Your visit is on {{1}} at {{2}} sharp.", ["Friday", "10:00"]));
    const components = [{ type: "body", parameters: [text("$& {{2}}"), text("$1")] }];
    const send = shippingSend({ components });
    await rig.sent({ ...send, template: { ...send.template, name: "reminder" } });
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages[0].text).toBe("Your visit is on $& {{2}} at $1 sharp.");
  });

  it("uses the label of a quick reply as its payload by default", async () => {
    const rig = createRig();
    await created(rig);
    await rig.sent(shippingSend({ components: shippingSend().template.components.slice(0, 3) }));
    const { messages } = await (await rig.control("GET", "/messages")).json();
    expect(messages[0].buttons[2]).toMatchObject({ payload: "Stop updates" });
  });

  it("is reported with the category utility", async () => {
    const rig = createRig();
    await created(rig);
    await rig.sent(shippingSend());
    await rig.simulator.settled();
    const [change] = JSON.parse(rig.received.at(-1)?.body ?? "").entry[0].changes;
    expect(change.value.statuses[0].pricing).toMatchObject({ category: "utility", type: "regular" });
  });

  const [headerValue, bodyValue, urlValue, replyValue] = shippingSend().template.components;
  it.each<[string, (object | undefined)[], number]>([
    ["no header parameter", [bodyValue, urlValue], 132000],
    [
      "one body parameter of two",
      [headerValue, { type: "body", parameters: [named("day", "x")] }, urlValue],
      132000,
    ],
    [
      "three of two",
      [
        headerValue,
        { type: "body", parameters: ["name", "day", "x"].map((name) => named(name, "x")) },
        urlValue,
      ],
      132000,
    ],
    [
      "parameters without names",
      [headerValue, { type: "body", parameters: [text("Ana"), text("Friday")] }, urlValue],
      132012,
    ],
    [
      "another name",
      [headerValue, { type: "body", parameters: [named("name", "x"), named("date", "x")] }, urlValue],
      132012,
    ],
    [
      "one name twice",
      [headerValue, { type: "body", parameters: [named("name", "x"), named("name", "x")] }, urlValue],
      132012,
    ],
    [
      "an empty value",
      [headerValue, { type: "body", parameters: [named("name", ""), named("day", "x")] }, urlValue],
      131008,
    ],
    [
      "a new line",
      [headerValue, { type: "body", parameters: [named("name", "a\nb"), named("day", "x")] }, urlValue],
      132018,
    ],
    [
      "a body that grows past 1024",
      [
        headerValue,
        { type: "body", parameters: [named("name", "x".repeat(1_000)), named("day", "x")] },
        urlValue,
      ],
      132005,
    ],
    [
      "a header that grows past 60",
      [{ type: "header", parameters: [named("order", "x".repeat(55))] }, bodyValue, urlValue],
      132005,
    ],
    ["no end for its address", [headerValue, bodyValue], 131008],
    ["a payload for its address", [headerValue, bodyValue, { ...replyValue, index: "0" }], 132012],
    ["an address for its quick reply", [headerValue, bodyValue, urlValue, buttonComponent("x", "2")], 132012],
    [
      "text for a payload",
      [headerValue, bodyValue, urlValue, { ...replyValue, parameters: [text("x")] }],
      132012,
    ],
    [
      "a parameter for its phone number",
      [headerValue, bodyValue, urlValue, { ...buttonComponent("x", "1"), sub_type: "phone_number" }],
      132000,
    ],
    ["a fourth button", [headerValue, bodyValue, urlValue, { ...replyValue, index: "3" }], 132000],
    [
      "a part that takes nothing",
      [headerValue, bodyValue, urlValue, { type: "footer", parameters: [text("x")] }],
      100,
    ],
  ])("is refused with %s", async (_case, components, code) => {
    const rig = createRig();
    await created(rig);
    const response = await rig.send(
      shippingSend({ components: components.filter((part) => part !== undefined) }),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(await (await rig.control("GET", "/messages")).json()).toEqual({ messages: [] });
  });

  it("is rejected with named parameters for positional variables", async () => {
    const rig = createRig();
    await created(rig, {
      ...positional("Your visit is on {{1}} at noon.", ["Friday"]),
      name: "shipping_update",
    });
    const response = await rig.send(
      shippingSend({ components: [{ type: "body", parameters: [named("1", "Friday")] }] }),
    );
    expect(await response.json()).toMatchObject({ error: { code: 132012 } });
  });

  it.each([
    ["PAUSED", 400, 132015],
    ["DISABLED", 400, 132016],
    ["PENDING", 404, 132001],
    ["ARCHIVED", 404, 132001],
  ])("is refused while the template is %s", async (templateStatus, status, code) => {
    const rig = createRig();
    await created(rig);
    await rig.control("POST", "/templates/shipping_update/status", { status: templateStatus });
    const response = await rig.send(shippingSend());
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});

describe("a tap on a quick reply", () => {
  it("posts a webhook with its label, payload and message", async () => {
    const rig = createRig();
    await rig.control("PUT", "/behaviour", { delivery: "manual" });
    await created(rig);
    const id = await rig.sent(shippingSend());
    const tap = { from: "+6281234567890", button_payload: "STOP", context_id: id };
    expect(await (await rig.control("POST", "/inbound", tap)).json()).toEqual({ webhook_status: 200 });
    const [change] = JSON.parse(rig.received[0]?.body ?? "").entry[0].changes;
    expect(change.value.messages).toMatchObject([
      { type: "button", button: { payload: "STOP", text: "Stop updates" }, context: { id } },
    ]);
  });
});
