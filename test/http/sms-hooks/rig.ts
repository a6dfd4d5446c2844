import { env, exports } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import { vi } from "vitest";
import type { Scope } from "../../../src/keys/caller.ts";
import { signWebhook } from "../../../src/platform/standard-webhooks.ts";
import type { StartRequest } from "../../../src/verification/requests.ts";
import { Verifications } from "../../../src/verification/verifications.ts";
import { type Answer, api, type Deployment } from "../../deployment.ts";
import { AUTHGEAR_SECRET, CLERK_SECRET, SUPABASE_SECRET, ZITADEL_KEY } from "../../world/settings.ts";

export type HookHeaders = Readonly<Record<string, string>>;

/** Posts a body to a hook, with no other headers than those given. */
// biome-ignore lint/suspicious/noExplicitAny: tests assert on any body
export async function post(path: string, body: BodyInit, headers: HookHeaders): Promise<Answer<any>> {
  const response = await exports.default.fetch(`https://sandi.test/hooks/${path}`, {
    method: "POST",
    headers,
    body,
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
}

/** Calls a hook as its platform does: signed anew each time, or with an API key. */
export function call(platform: string, body: unknown, query = "") {
  const text = JSON.stringify(body);
  return post(platform + query, text, credentialsOf(platform, text));
}

export function credentialsOf(platform: string, text: string): HookHeaders {
  if (platform === "supabase") return signedBySupabase(text);
  if (platform === "zitadel") return signedByZitadel(text);
  if (platform === "clerk") return signedByClerk(text);
  if (platform === "authgear") return signedByAuthgear(text);
  return { authorization: `Bearer ${env.ADMIN_KEY}` };
}

/** With a new id, as Supabase signs each try. */
export function signedBySupabase(text: string, secrets = [SUPABASE_SECRET], now = Date.now()): HookHeaders {
  const keys = secrets.map((secret) => secret.replace(/^v1,/, ""));
  const headers = signWebhook(crypto.randomUUID(), now, text, keys);
  return { ...headers, "webhook-signature": (headers["webhook-signature"] ?? "").replaceAll(" ", ", ") };
}

export function signedByZitadel(text: string, keys = [ZITADEL_KEY], now = Date.now()): HookHeaders {
  const time = Math.floor(now / 1000);
  const macs = keys.map((key) => createHmac("sha256", key).update(`${time}.${text}`).digest("hex"));
  return { "zitadel-signature": [`t=${time}`, ...macs.map((mac) => `v1=${mac}`)].join(",") };
}

export function signedByClerk(text: string, now = Date.now()): HookHeaders {
  const signed = signWebhook(`msg_${crypto.randomUUID()}`, now, text, [CLERK_SECRET]);
  return Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.replace("webhook-", "svix-"), value]),
  );
}

export function signedByAuthgear(text: string): HookHeaders {
  return { "x-authgear-body-signature": createHmac("sha256", AUTHGEAR_SECRET).update(text).digest("hex") };
}

/** The body with which a platform learns that a message is sent. */
export function sentAnswer(platform: string): string {
  return platform === "authgear" ? '{"code":"ok"}' : "{}";
}

/** A new API key with these scopes. */
export async function keyWith(scopes: readonly Scope[], app = "default"): Promise<string> {
  const { body } = await api("POST", "/v1/keys", { name: "Dashboard", scopes, app });
  return body.key;
}

/** Records what the hooks ask of the use case. Call it once in a test. */
export function recordStarts(): readonly StartRequest[] {
  const starts: StartRequest[] = [];
  const start = Verifications.prototype.start;
  vi.spyOn(Verifications.prototype, "start").mockImplementation(function (this: Verifications, ...args) {
    starts.push(args[0]);
    return start.apply(this, args);
  });
  return starts;
}

/** The shortest time that is taken for a hook's limit; other timers run as they are. */
const SHORTEST_LIMIT_MS = 3_000;

/**
 * Has WhatsApp hang until it is released, and the hook's time limit pass as soon as it hangs.
 *
 * @returns The limits that were set, in milliseconds.
 */
export function hangWhatsApp(deployment: Deployment) {
  const { setTimeout } = globalThis;
  const limits: number[] = [];
  const passed: (() => void)[] = [];
  let isReleased = false;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((resume: () => void, delay = 0, ...values: []) => {
    if (delay < SHORTEST_LIMIT_MS) return setTimeout(resume, delay, ...values);
    limits.push(delay);
    passed.push(() => resume(...values));
    return 0;
  }) as unknown as typeof setTimeout);
  vi.mocked(fetch).mockImplementationOnce(async (input, init) => {
    const request = new Request(input, init);
    for (const pass of passed) pass();
    // A promise of the test would not resume the Worker's request, which is another one for the runtime.
    while (!isReleased) await new Promise((resume) => setTimeout(resume, 1));
    return deployment.simulator.app.fetch(request);
  });
  return {
    limits,
    release() {
      isReleased = true;
    },
  };
}
