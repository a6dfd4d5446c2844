import { reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, vi } from "vitest";
import { createSimulator, type Simulator } from "./simulator/simulator.ts";

/** Returns a new number, so that tests do not share an object. */
let drawn = 0;
export function newNumber(): string {
  drawn += 1;
  return `+62812${String(10_000_000 + drawn).padStart(8, "0")}`;
}

export interface Answer<Body = Record<string, never>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  readonly text: string;
}

export interface PhoneMessage {
  readonly id: string;
  readonly channel: string;
  readonly code: string;
  readonly status: string;
  readonly language: string;
  readonly text: string;
  readonly callback_data: string;
}

/** The Worker with the phone simulator instead of WhatsApp, and everything that it logs. */
export interface Deployment {
  simulator: Simulator;
  /** All requests to WhatsApp. */
  readonly graphCalls: Request[];
  readonly logLines: string[];
}

/** Sets a deployment up before each test and clears all storage after it. */
export function useDeployment(): Deployment {
  const deployment: Deployment = { simulator: newSimulator(), graphCalls: [], logLines: [] };
  beforeEach(async () => {
    deployment.simulator = newSimulator();
    // Automatic delivery would work between the requests of a test, which the runtime does not allow.
    await control(deployment, "PUT", "/behaviour", { delivery: "manual" });
    deployment.graphCalls.length = 0;
    deployment.logLines.length = 0;
    vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
      const request = new Request(input, init);
      deployment.graphCalls.push(request.clone());
      return Promise.resolve(deployment.simulator.app.fetch(request));
    });
    for (const level of ["log", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation(
        (...parts) => void deployment.logLines.push(parts.join(" ")),
      );
    }
  });
  afterEach(async () => {
    deployment.simulator.close();
    vi.useRealTimers();
    vi.restoreAllMocks();
    await reset();
  });
  return deployment;
}

function newSimulator(): Simulator {
  return createSimulator({
    webhookUrl: "https://sandi.test/webhooks/whatsapp",
    appSecret: env.WHATSAPP_APP_SECRET,
    accessToken: env.WHATSAPP_ACCESS_TOKEN,
    verifyToken: env.WHATSAPP_VERIFY_TOKEN,
    phoneNumberId: env.WHATSAPP_PHONE_NUMBER_ID,
    businessAccountId: env.WHATSAPP_BUSINESS_ACCOUNT_ID,
    deliver: (request) => exports.default.fetch(request),
  });
}

type Operation = {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example: Readonly<Record<string, unknown>> }>>;
  };
};
let described: Promise<{ readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }>;

/** The example of an endpoint's body in the API description that the Worker serves; undefined where it takes none. */
export async function exampleOf(endpoint: {
  readonly path: string;
  readonly method: string;
}): Promise<Readonly<Record<string, unknown>> | undefined> {
  described ??= exports.default.fetch("https://sandi.test/openapi.json").then((answer) => answer.json());
  const { requestBody } = (await described).paths[endpoint.path]?.[endpoint.method] ?? {};
  return requestBody?.content["application/json"]?.example;
}

/** Calls the API, with the admin key unless the headers have another. */
// biome-ignore lint/suspicious/noExplicitAny: tests assert on any body
export async function api<Body = any>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const response = await exports.default.fetch(`https://sandi.test${path}`, {
    method,
    headers: { authorization: `Bearer ${env.ADMIN_KEY}`, ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}

export const start = (body: object, headers?: Record<string, string>) =>
  api("POST", "/v1/verifications", body, headers);

export const check = (id: string, code: string, more: object = {}, headers?: Record<string, string>) =>
  api("POST", `/v1/verifications/${id}/check`, { code, ...more }, headers);

/** The messages that a phone has received, newest first. */
export async function messagesTo(deployment: Deployment, to: string): Promise<PhoneMessage[]> {
  const response = await deployment.simulator.app.request(`/_sim/messages?to=${encodeURIComponent(to)}`);
  return ((await response.json()) as { messages: PhoneMessage[] }).messages;
}

export async function codeSentTo(deployment: Deployment, to: string): Promise<string> {
  const [newest] = await messagesTo(deployment, to);
  if (newest === undefined) throw new Error(`Nothing was sent to ${to}`);
  return newest.code;
}

/** Returns a wrong code of the same length. */
export function wrong(code: string): string {
  return code === "000000" ? "111111" : "000000";
}

export async function control(deployment: Deployment, method: string, path: string, body?: unknown) {
  return deployment.simulator.app.request(`/_sim${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Posts a webhook of Meta, signed with the app secret unless another signature is given. */
export async function webhook(body: unknown, signature?: string) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const hex = createHmac("sha256", env.WHATSAPP_APP_SECRET).update(text).digest("hex");
  return exports.default.fetch("https://sandi.test/webhooks/whatsapp", {
    method: "POST",
    headers: { "x-hub-signature-256": signature ?? `sha256=${hex}` },
    body: text,
  });
}

/** Whose webhook it is and when Meta sent it: as configured and now, unless said otherwise. */
export interface WebhookOrigin {
  readonly account?: string;
  readonly sender?: string;
  readonly time?: number;
}

/** Wraps the value of one field in the envelope of a Meta webhook. */
export function change(field: string, value: object, { account, time }: WebhookOrigin = {}) {
  const id = account ?? env.WHATSAPP_BUSINESS_ACCOUNT_ID;
  const entry = [{ id, time: time ?? unixNow(), changes: [{ field, value }] }];
  return { object: "whatsapp_business_account", entry };
}

/** Wraps statuses, messages or errors in the envelope of a `messages` webhook. */
export function messagesChange(events: object, origin: WebhookOrigin = {}) {
  const phone_number_id = origin.sender ?? env.WHATSAPP_PHONE_NUMBER_ID;
  const metadata = { display_phone_number: "12065550100", phone_number_id };
  return change("messages", { messaging_product: "whatsapp", metadata, ...events }, origin);
}

/** Wraps status updates in the envelope of a Meta webhook. */
export function statuses(...updates: readonly object[]) {
  return messagesChange({ statuses: updates });
}

/** The current time in Unix seconds. */
export function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}
