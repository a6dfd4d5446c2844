import {
  buildTemplateSendPayload,
  WhatsAppClient as IndependentClient,
  TemplateDefinition,
} from "@kapso/whatsapp-cloud-api";
import { describe, expect, it } from "vitest";
import { parseInput } from "../../src/http/parse-input.ts";
import { authenticationDraft, utilityDraft } from "../../src/templates/draft.ts";
import { fillTemplate } from "../../src/templates/parameters.ts";
import { languageWith } from "../../src/templates/template.ts";
import { createPayload, upsertPayload } from "../../src/templates/whatsapp/payloads.ts";
import { CODES, ENGLISH, SHIPPING } from "./rig.ts";

// Compares our payloads with those of an independent builder and client of the real API. Every difference is
// listed here with its reason.

type Definition = Parameters<typeof TemplateDefinition.buildTemplateDefinition>[0];
type Component = Definition["components"][number];

/** The request of the independent client. */
async function posted(
  call: (client: IndependentClient) => Promise<unknown>,
): Promise<Record<string, unknown>> {
  let body: unknown;
  const client = new IndependentClient({
    accessToken: "t",
    baseUrl: "https://graph.test",
    graphVersion: "v26.0",
    fetch: async (_, init) => {
      body = JSON.parse(String(init?.body));
      return Response.json({
        id: "1",
        status: "PENDING",
        category: "UTILITY",
        messages: [{ id: "wamid.1" }],
      });
    },
  });
  await call(client);
  return body as Record<string, unknown>;
}

function createdByIndependentClient(definition: Definition): Promise<Record<string, unknown>> {
  const built = TemplateDefinition.buildTemplateDefinition(definition);
  // Copied, because the client's own two types for this do not match each other under strict rules.
  const components = built.components.map((component) => ({ ...component }));
  return posted((client) => client.templates.create({ businessAccountId: "1", ...built, components }));
}

describe("an authentication template", () => {
  const definition = (button: object): Definition => ({
    name: "codes",
    category: "AUTHENTICATION",
    language: "en_US",
    messageSendTtlSeconds: 300,
    components: [
      { type: "BODY", addSecurityRecommendation: true },
      { type: "FOOTER", codeExpirationMinutes: 5 },
      { type: "BUTTONS", buttons: [button] } as Component,
    ],
  });
  const supportedApps = [{ packageName: "com.example.app", signatureHash: "K8a/AINcGX7" }];

  it.each([
    ["copy_code", { type: "OTP", otpType: "COPY_CODE" }, {}],
    ["one_tap", { type: "OTP", otpType: "ONE_TAP", supportedApps }, {}],
    // Meta requires the flag, which this builder drops.
    ["zero_tap", { type: "OTP", otpType: "ZERO_TAP", supportedApps }, { zero_tap_terms_accepted: true }],
  ])("with the button %s", async (button, reference, dropped) => {
    const draft = parseInput(authenticationDraft, { ...CODES, button, zero_tap_terms_accepted: true });
    const ours = upsertPayload("codes", draft);
    const { language, ...independent } = await createdByIndependentClient(definition(reference));
    const components = independent.components as { type: string; buttons?: object[] }[];
    expect(ours).toEqual({
      ...independent,
      // Ours is one call for all languages; this client has one call per language.
      languages: ["en_US", "id", "pt_BR"],
      // Its create call drops the time to live.
      message_send_ttl_seconds: 300,
      components: components.map((component) =>
        component.buttons
          ? { ...component, buttons: component.buttons.map((one) => ({ ...one, ...dropped })) }
          : component,
      ),
    });
    expect(language).toBe("en_US");
  });
});

describe("a utility template", () => {
  const ours = (texts: object) => {
    const draft = parseInput(utilityDraft, {
      ...SHIPPING,
      languages: { en_US: texts },
      message_send_ttl_seconds: 3600,
    });
    const [english] = Object.values(draft.languages);
    if (english === undefined) throw new Error("No language");
    return createPayload("shipping", "en_US", english, draft.message_send_ttl_seconds);
  };
  const reference = (parameterFormat: "NAMED" | "POSITIONAL", components: Component[]) =>
    createdByIndependentClient({
      name: "shipping",
      category: "UTILITY",
      language: "en_US",
      messageSendTtlSeconds: 3600,
      parameterFormat,
      components,
    });
  // Its create call drops the time to live.
  const differences = { message_send_ttl_seconds: 3600 };

  it("with named parameters and every kind of button", async () => {
    const texts = {
      ...ENGLISH,
      header: "Order {{order}}",
      buttons: [
        ...ENGLISH.buttons,
        { type: "phone_number", text: "Call", phone_number: "+6281234567890" },
        { type: "quick_reply", text: "Thanks" },
      ],
    };
    const param = (paramName: string, example: string) => ({ paramName, example });
    const independent = await reference("NAMED", [
      {
        type: "HEADER",
        format: "TEXT",
        text: texts.header,
        example: { headerTextNamedParams: [param("order", "A-77")] },
      },
      {
        type: "BODY",
        text: texts.body,
        example: { bodyTextNamedParams: [param("name", "Ana"), param("order", "A-77")] },
      },
      { type: "FOOTER", text: texts.footer },
      {
        type: "BUTTONS",
        buttons: [
          {
            type: "URL",
            text: "Track",
            url: "https://example.com/t/{{1}}",
            example: ["https://example.com/t/A-77"],
          },
          { type: "PHONE_NUMBER", text: "Call", phoneNumber: "+6281234567890" },
          { type: "QUICK_REPLY", text: "Thanks" },
        ],
      },
    ]);
    expect(ours(texts)).toEqual({ ...independent, ...differences });
  });

  it("with numbered parameters", async () => {
    const texts = {
      header: "Order {{1}}",
      body: "Order {{1}} comes {{2}}.",
      examples: { 1: "A-77", 2: "today" },
    };
    const independent = await reference("POSITIONAL", [
      { type: "HEADER", format: "TEXT", text: texts.header, example: { headerText: ["A-77"] } },
      { type: "BODY", text: texts.body, example: { bodyText: [["A-77", "today"]] } },
    ]);
    expect(ours(texts)).toEqual({ ...independent, ...differences });
  });

  it("as it is sent", async () => {
    const texts = { ...ENGLISH, header: "Order {{order}}" };
    const filled = fillTemplate(languageWith("APPROVED", texts), { name: "Ana", order: "A-77" });
    const named = (parameterName: string, text: string) => ({ type: "text" as const, parameterName, text });
    const { components = [], ...template } = buildTemplateSendPayload({
      name: "shipping",
      language: "en_US",
      header: named("order", "A-77"),
      body: [named("name", "Ana"), named("order", "A-77")],
      buttons: [{ type: "button", subType: "url", index: 0, parameters: [{ type: "text", text: "A-77" }] }],
    });
    const copied = components.map((component) => ({ ...component }));
    const independent = await posted((client) =>
      client.messages.sendTemplate({
        phoneNumberId: "1",
        to: "+6281234567890",
        template: { ...template, components: copied },
      }),
    );
    const sent = (independent.template as { components: object[] }).components;
    // A string on Meta's pages, a number in this client.
    const differences = sent.map((one) => ({ ...one, ...("index" in one && { index: String(one.index) }) }));
    expect(filled).toEqual({ kind: "filled", components: differences });
  });
});
