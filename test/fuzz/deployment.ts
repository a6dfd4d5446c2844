import { readFile } from "node:fs/promises";
import { type Request, Response } from "miniflare";
import type { SentMessage } from "../world/messages.ts";
import { type Journal, migrate } from "../world/migrations.ts";
import { startMiniflare, WORKER_NAME } from "../world/miniflare.ts";
import { ADMIN_KEY, CREDENTIALS, FAST_SENDERS } from "../world/settings.ts";
import { WhatsApp } from "../world/whatsapp.ts";
import { ISSUER } from "./request.ts";

/** Every feature enabled, and no limit that would keep requests away from the code behind it. */
const VALUES = {
  ...CREDENTIALS,
  WHATSAPP_SENDERS: FAST_SENDERS,
  SMS: { gateway: "http", brand: "Example", url: "https://sms.example.com/sms" },
  PURPOSES: {
    login: {},
    recovery: { channels: ["whatsapp", "sms"] },
    page: { channels: ["whatsapp", "sms"], message_first: "on", message_first_learns_number: true },
    transaction: { bind_required: true },
    signup: { resend: "new", resend_after_seconds: [6], max_attempts: 10 },
  },
  APPS: { shop: { brand: "Example Shop" } },
  SIGN_IN: { issuer: ISSUER },
  NUMBER_LIMITS: { sends: "100 per day", kept_for_known: 0 },
  CONVERSATION: { first_reply: "Thanks! We will be with you soon." },
  GUARD: {
    fence: { mode: "off" },
    named_limits: { windows: { account: "10 per h, 20 per day" } },
  },
};

/** A line of the Worker's log. */
export interface LogLine {
  readonly level?: string;
  readonly requestId?: string;
  readonly error?: string;
}

/** The built Worker in miniflare, reached at workerd's own socket. */
export interface Deployment {
  readonly port: number;
  /** The id of a webhook endpoint that is subscribed to every event. */
  readonly endpoint: string;
  /** The error lines of the log, by request id. */
  readonly errors: ReadonlyMap<string, LogLine>;
  close(): Promise<void>;
}

/**
 * Starts the Worker. The services that it calls never fail: WhatsApp and the SMS gateway accept every message,
 * the simulator keeps templates, and every other host responds 200. So each 5xx is the Worker's own.
 *
 * @param main The path of its bundle.
 * @param onSent Called with each message that the Worker sends.
 */
export async function deploy(main: string, onSent: (message: SentMessage) => void): Promise<Deployment> {
  const errors = new Map<string, LogLine>();
  const whatsApp = new WhatsApp({
    workerUrl: "https://sandi.example.com",
    acceptAll: onSent,
    // The fuzzer makes the webhooks.
    deliver: () => Promise.resolve(new globalThis.Response()),
  });
  const miniflare = startMiniflare({
    modules: [{ path: "worker.js", contents: await readFile(main, "utf8") }],
    values: VALUES,
    outside: (request) => respond(request, whatsApp),
    onLog: (line) => keepError(line, errors),
  });
  const { JOURNAL } = await miniflare.getBindings<{ JOURNAL: Journal }>();
  await migrate(JOURNAL);
  const url = await miniflare.unsafeGetDirectURL(WORKER_NAME);
  const endpoint = await subscribe(url);
  const close = async () => {
    whatsApp.close();
    await miniflare.dispose();
  };
  return { port: Number(url.port), endpoint, errors, close };
}

async function respond(request: Request, whatsApp: WhatsApp): Promise<Response> {
  const { hostname, pathname, search } = new URL(request.url);
  if (!["graph.facebook.com", "sms.example.com"].includes(hostname)) return Response.json({});
  const { status, text, contentType } = await whatsApp.handle({
    method: request.method,
    path: pathname + search,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });
  return new Response(text, { status, headers: { "content-type": contentType } });
}

/** Creates a webhook endpoint: without a subscriber, most events skip the deliveries queue. */
async function subscribe(api: URL): Promise<string> {
  const response = await fetch(new URL("/v1/webhook-endpoints", api), {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ url: "https://hooks.example.com/everything" }),
  });
  if (response.status !== 201) throw new Error(`Creating an endpoint responded ${response.status}`);
  return ((await response.json()) as { readonly id: string }).id;
}

const MAX_ERRORS = 1000;

function keepError(text: string, errors: Map<string, LogLine>): void {
  if (!text.startsWith("{") || errors.size >= MAX_ERRORS) return;
  try {
    const line = JSON.parse(text) as LogLine;
    const isError = line.level === "error" && line.error !== undefined;
    if (isError && line.requestId !== undefined) errors.set(line.requestId, line);
  } catch {
    // Not a line of the Worker's logger.
  }
}
