import { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";

/** The settings of all simulators under test. */
export const SETTINGS = {
  webhookUrl: "http://sandi.test/webhooks/whatsapp",
  appSecret: "an app secret",
  accessToken: "an access token",
  phoneNumberId: "106540352242922",
  businessAccountId: "102290129340398",
};

export const NOW = Date.parse("2026-11-23T10:00:00.500Z");

export interface ReceivedWebhook {
  url: string;
  signature: string | null;
  body: string;
}

/** A simulator without a network: webhooks land in `received` and are answered from `answers`, then with 200. */
export interface Rig {
  simulator: Simulator;
  received: ReceivedWebhook[];
  answers: number[];
  graph(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response>;
  control(method: string, path: string, body?: unknown): Promise<Response>;
  send(body: unknown): Promise<Response>;
  /** Sends a message. @returns its id */
  sent(body?: unknown): Promise<string>;
}

export function createRig(options: Partial<SimulatorOptions> = {}): Rig {
  const received: ReceivedWebhook[] = [];
  const answers: number[] = [];
  const simulator = createSimulator({
    ...SETTINGS,
    now: () => NOW,
    deliver: async (request) => {
      const body = await request.text();
      received.push({ url: request.url, signature: request.headers.get("X-Hub-Signature-256"), body });
      return new Response(null, { status: answers.shift() ?? 200 });
    },
    ...options,
  });
  const call = async (path: string, init: RequestInit, body: unknown) =>
    simulator.app.request(path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
  const rig: Rig = {
    simulator,
    received,
    answers,
    graph: (method, path, body, signal) =>
      call(
        path,
        {
          method,
          headers: { Authorization: `Bearer ${SETTINGS.accessToken}`, "Content-Type": "application/json" },
          ...(signal ? { signal } : {}),
        },
        body,
      ),
    control: (method, path, body) => call(`/_sim${path}`, { method }, body),
    send: (body) => rig.graph("POST", `/v26.0/${SETTINGS.phoneNumberId}/messages`, body),
    sent: async (body = authenticationSend()) => {
      const response = await rig.send(body);
      if (response.status !== 200) throw new Error(await response.text());
      const answer: { messages: [{ id: string }] } = await response.json();
      return answer.messages[0].id;
    },
  };
  return rig;
}

interface SendChoice {
  to?: string;
  code?: string;
  name?: string;
  language?: string;
}

/** A send, as on Meta's page about authentication templates. */
export function authenticationSend(choice: SendChoice = {}) {
  const { to = "+6281234567890", code = "482913", name = "verification_code", language = "en_US" } = choice;
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to,
    type: "template",
    template: {
      name,
      language: { code: language },
      components: [bodyComponent(code), buttonComponent(code)],
    },
  };
}

export function bodyComponent(text: string) {
  return { type: "body", parameters: [{ type: "text", text }] };
}

export function buttonComponent(text: string, index: string | number = "0") {
  return { type: "button", sub_type: "url", index, parameters: [{ type: "text", text }] };
}

/** A utility template with every component, as on Meta's page about templates. */
export const SHIPPING_UPDATE = {
  name: "shipping_update",
  language: "en_US",
  category: "UTILITY",
  parameter_format: "NAMED",
  components: [
    {
      type: "HEADER",
      format: "TEXT",
      text: "Order {{order}}",
      example: { header_text_named_params: [{ param_name: "order", example: "A-77" }] },
    },
    {
      type: "BODY",
      text: "Hi {{name}}, your parcel arrives on {{day}} before noon.",
      example: {
        body_text_named_params: [
          { param_name: "name", example: "Ana" },
          { param_name: "day", example: "Friday" },
        ],
      },
    },
    { type: "FOOTER", text: "Example Shop" },
    {
      type: "BUTTONS",
      buttons: [
        { type: "URL", text: "Track", url: "https://example.com/t/{{1}}", example: ["A-77"] },
        { type: "PHONE_NUMBER", text: "Call us", phone_number: "+12065550100" },
        { type: "QUICK_REPLY", text: "Stop updates" },
      ],
    },
  ],
};

/** A send of that template, with its named parameters in another order. */
export function shippingSend(choice: { to?: string; components?: object[] } = {}) {
  const named = (parameter_name: string, text: string) => ({ type: "text", parameter_name, text });
  const { to = "+6281234567890" } = choice;
  const components = choice.components ?? [
    { type: "header", parameters: [named("order", "A-77")] },
    { type: "body", parameters: [named("day", "Friday"), named("name", "Ana")] },
    buttonComponent("A-77"),
    {
      type: "button",
      sub_type: "quick_reply",
      index: "2",
      parameters: [{ type: "payload", payload: "STOP" }],
    },
  ];
  return {
    messaging_product: "whatsapp",
    to,
    type: "template",
    template: { name: "shipping_update", language: { code: "en_US" }, components },
  };
}
