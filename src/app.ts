import type { Context } from "hono";
import { Hono } from "hono/tiny";
import type { Deployment } from "./deployment.ts";
import type { AppEnv } from "./doors/app-env.ts";
import { documentation } from "./doors/documentation/routes.ts";
import { frame } from "./doors/frame.ts";
import { health } from "./doors/health.ts";
import { smsWebhook } from "./doors/sms-webhook.ts";
import { endpoints } from "./doors/v1/index.ts";
import { mount } from "./doors/v1/mount.ts";
import { whatsAppWebhook } from "./doors/whatsapp/webhook.ts";
import { log } from "./log.ts";
import { Problem } from "./problems.ts";

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
  return { fetch: frame(app.fetch) };
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
