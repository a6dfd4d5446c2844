import type { Context } from "hono";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { Hono } from "hono/tiny";
import type { Deployment } from "./deployment.ts";
import type { AppEnv } from "./doors/app-env.ts";
import { documentation } from "./doors/documentation/routes.ts";
import { health } from "./doors/health.ts";
import { requestLog } from "./doors/request-log.ts";
import { smsWebhook } from "./doors/sms-webhook.ts";
import { endpoints } from "./doors/v1/index.ts";
import { mount } from "./doors/v1/mount.ts";
import { whatsAppWebhook } from "./doors/whatsapp/webhook.ts";
import { log } from "./log.ts";
import { Problem } from "./problems.ts";

/** The service's doors, in one app. */
export function createApp(deployment: Deployment): Hono<AppEnv> {
  const { config, verifications, keys } = deployment;
  const { keyring, whatsapp } = config;
  const v1 = endpoints(deployment);

  const app = new Hono<AppEnv>();
  app.use(requestId(), requestLog(), secureHeaders(HEADERS));
  app.route("/health", health(keys, deployment.circuits));
  app.route(
    "/webhooks/whatsapp",
    whatsAppWebhook({ ...deployment, ...deployment.webhooks, keyring, ...whatsapp }),
  );
  app.route("/webhooks/sms", smsWebhook(deployment.gateway, verifications));
  app.route("/", documentation(deployment.assets));
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
  referrerPolicy: "no-referrer",
  // What only browsers of former times heed: the policy above says it to those of today, and each costs every answer.
  xFrameOptions: false,
  xXssProtection: false,
  xDownloadOptions: false,
  xDnsPrefetchControl: false,
  xPermittedCrossDomainPolicies: false,
  originAgentCluster: false,
  crossOriginOpenerPolicy: false,
};

/** The one place where an error becomes an answer. What was not foreseen is logged, and its caller learns nothing of it. */
function render(error: unknown, c: Context<AppEnv>): Response {
  const problem = error instanceof Problem ? error : new Problem("internal");
  if (problem !== error) {
    log("error", "A request failed unexpectedly", { requestId: c.get("requestId"), error: describe(error) });
  }
  c.get("log").outcome = problem.code;
  return problem.toResponse(c.get("requestId"));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
