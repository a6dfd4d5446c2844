import {
  buildTemplateSendPayload,
  GraphApiError,
  TemplateDefinition,
  WhatsAppClient,
} from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ReceivedWebhook, SETTINGS } from "./rig.ts";
import { type RunningSimulator, startSimulator } from "./server.ts";

// A third-party client of the real Cloud API: the simulator has to work with it.

const received: ReceivedWebhook[] = [];
let simulator: RunningSimulator;
let client: WhatsAppClient;

beforeAll(async () => {
  simulator = await startSimulator({
    ...SETTINGS,
    port: 0,
    deliver: async (request) => {
      const signature = request.headers.get("X-Hub-Signature-256");
      received.push({ url: request.url, signature, body: await request.text() });
      return new Response();
    },
  });
  client = new WhatsAppClient({
    accessToken: SETTINGS.accessToken,
    baseUrl: simulator.url,
    graphVersion: "v26.0",
  });
});

afterAll(() => simulator.close());

type SendInput = Parameters<typeof buildTemplateSendPayload>[0];
type Definition = Parameters<typeof TemplateDefinition.buildTemplateDefinition>[0];
type OtpButton = { type: "OTP"; otpType: "COPY_CODE" | "ONE_TAP" | "ZERO_TAP" } & Record<string, unknown>;

const account = { businessAccountId: SETTINGS.businessAccountId };
const TO = "+6281234567890";

function sendTemplate(input: SendInput) {
  const { components, ...template } = buildTemplateSendPayload(input);
  return client.messages.sendTemplate({
    phoneNumberId: SETTINGS.phoneNumberId,
    to: TO,
    // Copied, because the client's two types for this are incompatible under strict options.
    template: { ...template, components: (components ?? []).map((component) => ({ ...component })) },
    bizOpaqueCallbackData: "vrf_1",
  });
}

function sendCode(language: string) {
  return sendTemplate({
    name: "verification_code",
    language,
    body: [{ type: "text", text: "482913" }],
    buttons: [{ type: "button", subType: "url", index: 0, parameters: [{ type: "text", text: "482913" }] }],
  });
}

function createTemplate(definition: Definition) {
  const { components, ...template } = TemplateDefinition.buildTemplateDefinition(definition);
  const [first, ...rest] = components.map((component) => ({ ...component }));
  if (first === undefined) throw new Error("A template has components");
  return client.templates.create({ ...account, ...template, components: [first, ...rest] });
}

async function newestMessage() {
  const response = await fetch(`${simulator.url}/_sim/messages?to=${encodeURIComponent(TO)}`);
  return (await response.json()).messages[0];
}

const APPS = [{ packageName: "com.example.app", signatureHash: "K8a/AINcGX7" }];

const SHIPPING: Definition = {
  name: "shipping_update",
  language: "en_US",
  category: "UTILITY",
  parameterFormat: "NAMED",
  components: [
    {
      type: "HEADER",
      format: "TEXT",
      text: "Order {{order}}",
      example: { headerTextNamedParams: [{ paramName: "order", example: "A-77" }] },
    },
    {
      type: "BODY",
      text: "Hi {{name}}, your parcel arrives on {{day}} before noon.",
      example: {
        bodyTextNamedParams: [
          { paramName: "name", example: "Ana" },
          { paramName: "day", example: "Friday" },
        ],
      },
    },
    { type: "FOOTER", text: "Example Shop" },
    {
      type: "BUTTONS",
      buttons: [
        { type: "URL", text: "Track", url: "https://example.com/t/{{1}}", example: ["A-77"] },
        { type: "PHONE_NUMBER", text: "Call us", phoneNumber: "+12065550100" },
        { type: "QUICK_REPLY", text: "Stop updates" },
      ],
    },
  ],
};

describe("an independent client", () => {
  it("sends an authentication template and reads the answer", async () => {
    expect(await sendCode("id")).toMatchObject({
      messagingProduct: "whatsapp",
      contacts: [{ input: TO, waId: "6281234567890" }],
      messages: [{ id: expect.stringMatching(/^wamid\./) }],
    });
  });

  it("reads a rejection as a template error that is not retryable", async () => {
    const error = await sendCode("sv").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphApiError);
    expect(error).toMatchObject({ httpStatus: 404, code: 132001, category: "template" });
  });

  it.each<[string, OtpButton]>([
    ["copy_code", { type: "OTP", otpType: "COPY_CODE", text: "Copy code" }],
    ["one_tap", { type: "OTP", otpType: "ONE_TAP", autofillText: "Autofill", supportedApps: APPS }],
  ])("creates and sends an authentication template with %s", async (name, button) => {
    const answer = await createTemplate({
      name,
      language: "fr",
      category: "AUTHENTICATION",
      components: [
        { type: "BODY", addSecurityRecommendation: true },
        { type: "FOOTER", codeExpirationMinutes: 5 },
        { type: "BUTTONS", buttons: [button] },
      ],
    });
    expect(answer).toMatchObject({ status: "APPROVED", category: "AUTHENTICATION" });
    await sendTemplate({
      name,
      language: "fr",
      body: [{ type: "text", text: "482913" }],
      buttons: [
        { type: "button", subType: "url", index: "0", parameters: [{ type: "text", text: "482913" }] },
      ],
    });
    expect(await newestMessage()).toMatchObject({
      template: name,
      language: "fr",
      code: "482913",
      footer: "Ce code expire dans 5 minutes.",
    });
  });

  it("creates zero-tap only past its own builder, which drops that the terms were accepted", async () => {
    const button = {
      type: "OTP",
      otpType: "ZERO_TAP",
      supportedApps: APPS,
      zeroTapTermsAccepted: true,
    } as const;
    const template = { name: "zero_tap", language: "en_US", category: "AUTHENTICATION" } as const;
    const built = createTemplate({
      ...template,
      components: [
        { type: "BODY", addSecurityRecommendation: true },
        { type: "BUTTONS", buttons: [button] },
      ],
    });
    await expect(built).rejects.toMatchObject({ httpStatus: 400, code: 100 });
    const components: [{ type: string; buttons: unknown[] }] = [
      {
        type: "BUTTONS",
        buttons: [button],
      },
    ];
    const answer = await client.templates.create({ ...account, ...template, components });
    expect(answer).toMatchObject({ status: "APPROVED" });
  });

  it("creates, lists and sends a utility template with named parameters and buttons", async () => {
    await createTemplate(SHIPPING);
    const { data } = await client.templates.list({ ...account, category: "UTILITY", status: "APPROVED" });
    expect(data).toMatchObject([{ name: "shipping_update", language: "en_US", status: "APPROVED" }]);
    await sendTemplate({
      name: "shipping_update",
      language: "en_US",
      header: { type: "text", parameterName: "order", text: "A-77" },
      body: [
        { type: "text", parameterName: "day", text: "Friday" },
        { type: "text", parameterName: "name", text: "Ana" },
      ],
      buttons: [
        { type: "button", subType: "url", index: 0, parameters: [{ type: "text", text: "A-77" }] },
        {
          type: "button",
          subType: "quick_reply",
          index: 2,
          parameters: [{ type: "payload", payload: "STOP" }],
        },
      ],
    });
    expect(await newestMessage()).toMatchObject({
      text: "Order A-77\nHi Ana, your parcel arrives on Friday before noon.\nExample Shop",
      buttons: [{ url: "https://example.com/t/A-77" }, { type: "phone_number" }, { payload: "STOP" }],
    });
  });

  it("reads an existing template as a rejection, and deletes a template by name", async () => {
    await expect(createTemplate(SHIPPING)).rejects.toMatchObject({ code: 100, errorSubcode: 2388024 });
    expect(await client.templates.delete({ ...account, name: "shipping_update" })).toEqual({ success: true });
    const { data } = await client.templates.list({ ...account, name: "shipping_update" });
    expect(data).toEqual([]);
  });

  it("sends a reply in the open window, and reads the error of a closed one", async () => {
    const text = { phoneNumberId: SETTINGS.phoneNumberId, body: "On its way!", previewUrl: true };
    const closed = client.messages.sendText({ ...text, to: "+14155550123" });
    await expect(closed).rejects.toMatchObject({ httpStatus: 400, code: 131047 });
    const inbound = { from: TO, text: "Where is it?" };
    await fetch(`${simulator.url}/_sim/inbound`, { method: "POST", body: JSON.stringify(inbound) });
    await client.messages.sendText({ ...text, to: TO, contextMessageId: "wamid.1" });
    expect(await newestMessage()).toMatchObject({
      text: "On its way!",
      template: null,
      context_id: "wamid.1",
    });
  });

  it("lists templates page by page", async () => {
    const first = await client.templates.list({ ...account, limit: 2 });
    expect(first.data).toMatchObject([
      { name: "verification_code", status: "APPROVED" },
      { language: "en_GB" },
    ]);
    const { after } = first.paging.cursors;
    const second = await client.templates.list({ ...account, limit: 2, ...(after && { after }) });
    expect(second.data).toMatchObject([{ language: "id" }, { language: "es" }]);
  });

  it("verifies and reads the webhooks of messages, replies and templates", async () => {
    await simulator.simulator.settled();
    received.length = 0;
    const answer = await sendCode("en_US");
    await simulator.simulator.settled();
    const inbound = { from: TO, text: "Not me" };
    await fetch(`${simulator.url}/_sim/inbound`, { method: "POST", body: JSON.stringify(inbound) });
    const decision = { status: "PAUSED", language: "pt_BR" };
    await fetch(`${simulator.url}/_sim/templates/verification_code/status`, {
      method: "POST",
      body: JSON.stringify(decision),
    });
    const events = received.map(({ signature, body }) => {
      const { appSecret } = SETTINGS;
      expect(verifySignature({ appSecret, rawBody: body, signatureHeader: signature ?? "" })).toBe(true);
      return normalizeWebhook(JSON.parse(body));
    });
    const id = answer.messages[0]?.id;
    expect(events.flatMap(({ statuses }) => statuses)).toMatchObject([
      { id, status: "sent", recipientId: "6281234567890", bizOpaqueCallbackData: "vrf_1" },
      { id, status: "delivered", pricing: { category: "authentication" } },
    ]);
    expect(events.flatMap(({ messages }) => messages)).toMatchObject([
      { type: "text", from: "6281234567890", text: { body: "Not me" } },
    ]);
    expect(events.at(-1)?.raw).toMatchObject({
      messageTemplateStatusUpdate: [{ event: "PAUSED", messageTemplateLanguage: "pt-BR" }],
    });
  });
});
