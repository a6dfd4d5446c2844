import type { Context } from "hono";
import { Hono } from "hono/tiny";
import type { Deployment } from "./deployment.ts";
import type { AppEnv } from "./http/context.ts";
import { documentation } from "./http/docs/routes.ts";
import { health } from "./http/health.ts";
import { withRequestLog } from "./http/request-log.ts";
import { endpoints } from "./http/v1/index.ts";
import { mount } from "./http/v1/mount.ts";
import { smsWebhook } from "./http/webhooks/sms.ts";
import { whatsAppWebhook } from "./http/webhooks/whatsapp/webhook.ts";
import { log } from "./platform/log.ts";
import { Problem } from "./platform/problem.ts";

export interface App {
  readonly fetch: (request: Request, context: ExecutionContext) => Promise<Response>;
}

/** The service's doors, in one app. */
export function createApp(deployment: Deployment): App {
  const { config, verifications, keys } = deployment;
  const { keyring, whatsapp } = config;
  const v1 = endpoints(deployment);

  const app = new Hono<AppEnv>();
  app.route("/health", health(keys, deployment.circuits));
  app.route(
    "/webhooks/whatsapp",
    whatsAppWebhook({ ...deployment, ...deployment.webhooks, keyring, ...whatsapp }),
  );
  app.route("/webhooks/sms", smsWebhook(deployment.gateway, verifications));
  app.route("/", documentation(deployment.assets));
  mount(app, v1, keys);
  app.onError((error, c) => render(error, c));
  return { fetch: withRequestLog(app.fetch) };
}

/** The one place where an error becomes an answer. What was not foreseen is logged, and its caller learns nothing of it. */
function render(error: unknown, { env: notes }: Context<AppEnv>): Response {
  const problem = error instanceof Problem ? error : new Problem("internal");
  if (problem !== error) {
    log("error", "A request failed unexpectedly", { requestId: notes.requestId, error: describe(error) });
  }
  notes.outcome = problem.code;
  return problem.toResponse(notes.requestId);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
