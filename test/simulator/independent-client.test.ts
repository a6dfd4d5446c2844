import { buildTemplateSendPayload, GraphApiError, WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ReceivedWebhook, SETTINGS } from "./rig.ts";
import { type RunningSimulator, startSimulator } from "./server.ts";

// A client that others wrote for the real API: what it can send to and read, ours is measured by.

const received: ReceivedWebhook[] = [];
let simulator: RunningSimulator;
let client: WhatsAppClient;

beforeAll(async () => {
  simulator = await startSimulator({
    ...SETTINGS,
    port: 0,
    deliver: async (request) => {
      const signature = request.headers.get("X-Hub-Signature-256");
      received.push({ signature, body: await request.text() });
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

function sendTemplate(language: string) {
  const { components, ...template } = buildTemplateSendPayload({
    name: "verification_code",
    language,
    body: [{ type: "text", text: "482913" }],
    buttons: [{ type: "button", subType: "url", index: 0, parameters: [{ type: "text", text: "482913" }] }],
  });
  return client.messages.sendTemplate({
    phoneNumberId: SETTINGS.phoneNumberId,
    to: "+6281234567890",
    // Copied, because the client's own two types for this do not match each other under strict rules.
    template: { ...template, components: (components ?? []).map((component) => ({ ...component })) },
    bizOpaqueCallbackData: "vrf_1",
  });
}

describe("an independent client", () => {
  it("sends an authentication template and reads the answer", async () => {
    const answer = await sendTemplate("id");
    expect(answer).toMatchObject({
      messagingProduct: "whatsapp",
      contacts: [{ input: "+6281234567890", waId: "6281234567890" }],
      messages: [{ id: expect.stringMatching(/^wamid\./) }],
    });
  });

  it("reads a refusal as a template error that no retry helps", async () => {
    const error = await sendTemplate("sv").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphApiError);
    expect(error).toMatchObject({ httpStatus: 404, code: 132001, category: "template" });
  });

  it("lists the templates", async () => {
    const { data } = await client.templates.list({
      businessAccountId: SETTINGS.businessAccountId,
      limit: 2,
    });
    expect(data).toMatchObject([{ name: "verification_code", status: "APPROVED" }, { language: "en_GB" }]);
  });

  it("verifies and reads the webhooks that follow", async () => {
    const answer = await sendTemplate("en_US");
    await simulator.simulator.settled();
    const statuses = received.flatMap(({ signature, body }) => {
      const { appSecret } = SETTINGS;
      expect(verifySignature({ appSecret, rawBody: body, signatureHeader: signature ?? "" })).toBe(true);
      return normalizeWebhook(JSON.parse(body)).statuses;
    });
    const id = answer.messages[0]?.id;
    expect(statuses.filter((status) => status.id === id)).toMatchObject([
      { status: "sent", recipientId: "6281234567890", bizOpaqueCallbackData: "vrf_1" },
      { status: "delivered", pricing: { category: "authentication" } },
    ]);
  });
});
