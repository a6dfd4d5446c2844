import { type Context, Hono } from "hono";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { whatsAppChannel } from "./channels/whatsapp/client.ts";
import { readConfig } from "./config.ts";
import type { AppEnv } from "./doors/app-env.ts";
import { documentation } from "./doors/documentation/routes.ts";
import { requestLog } from "./doors/request-log.ts";
import { endpoints } from "./doors/v1/index.ts";
import { mount } from "./doors/v1/mount.ts";
import { whatsAppWebhook } from "./doors/whatsapp-webhook.ts";
import { ApiKeys } from "./keys/api-keys.ts";
import { log } from "./log.ts";
import { Problem } from "./problems.ts";
import { TemplateStore } from "./templates/store.ts";
import { Verifications } from "./verification/verifications.ts";

/** Puts the service together for one isolate. Throws a ConfigError when the environment is not fit to run by. */
export function createApp(env: Env): Hono<AppEnv> {
  const config = readConfig(env);
  const { keyring, policies, defaultLocale, whatsapp } = config;
  const whatsAppMessages = whatsAppChannel(whatsapp);
  const verifications = new Verifications({
    phoneNumbers: env.PHONE_NUMBERS,
    templates: new TemplateStore(env.TEMPLATES, defaultLocale),
    channels: new Map([[whatsAppMessages.name, whatsAppMessages]]),
    ...{ keyring, policies, defaultLocale },
  });
  const keys = new ApiKeys(env.API_KEYS, config.adminKey);
  const v1 = endpoints(verifications, policies, keys);

  const app = new Hono<AppEnv>();
  app.use(requestId(), requestLog(), secureHeaders(HEADERS));
  app.get("/health", (c) => c.json({ status: "ok" }));
  app.route("/webhooks/whatsapp", whatsAppWebhook({ verifications, keyring, ...whatsapp }));
  app.route("/", documentation(v1));
  mount(app, v1, keys);
  app.notFound((c) => render(new Problem("not_found", { detail: `There is no ${c.req.method} here.` }), c));
  app.onError((error, c) => render(error, c));
  return app;
}

/** Nothing this service answers may be framed, run a script, or load anything but its own style sheet. */
const HEADERS = {
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  referrerPolicy: "no-referrer",
};

/** The one place where an error becomes an answer. What was not foreseen is logged, and its caller learns nothing of it. */
function render(error: unknown, c: Context<AppEnv>): Response {
  const problem = error instanceof Problem ? error : new Problem("internal");
  if (problem !== error) {
    log("error", "A request failed unexpectedly", { requestId: c.var.requestId, error: describe(error) });
  }
  c.var.log.outcome = problem.code;
  return problem.toResponse(c.var.requestId);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
