import type { Hono } from "hono/tiny";
import type { Deployment } from "./deployment.ts";
import { baseApp } from "./http/base-app.ts";
import type { AppEnv } from "./http/context.ts";
import { documentation } from "./http/documentation.ts";
import { renderProblem } from "./http/errors.ts";
import { health } from "./http/health.ts";
import { mount } from "./http/mount.ts";
import { endpoints } from "./http/v1/index.ts";
import { smsWebhook } from "./http/webhooks/sms.ts";
import { whatsAppWebhook } from "./http/webhooks/whatsapp/webhook.ts";
import { actingFor } from "./keys/apps.ts";
import { Problem } from "./platform/problem.ts";

export interface App {
  readonly fetch: (request: Request, context: ExecutionContext) => Response | Promise<Response>;
}

/** Everything that this service answers over HTTP. */
export function createApp(deployment: Deployment): App {
  const { config, verifications, keys } = deployment;
  const { keyring, whatsapp } = config;
  const app = baseApp();
  app.route("/health", health(keys, deployment.circuits));
  const ownIds = {
    businessAccountId: whatsapp.businessAccountId,
    phoneNumberIds: new Set(config.senders.map(({ phoneNumberId }) => phoneNumberId)),
  };
  app.route(
    "/webhooks/whatsapp",
    whatsAppWebhook({ ...deployment, ...deployment.webhooks, keyring, ...whatsapp, ownIds }),
  );
  app.route("/webhooks/sms", smsWebhook(deployment.gateway, verifications));
  const simulator = config.isDevelopment ? new URL(whatsapp.baseUrl).origin : null;
  app.route("/", documentation(deployment.assets, simulator));
  app.route(
    "/",
    mount({
      prefix: "/v1",
      endpoints: endpoints(deployment),
      authenticate: ({ headers }) => keys.authenticate(headers.get("authorization")),
      refine: (caller, { headers }) => actingFor(caller, headers.get("sandi-app"), config.apps),
      renderError: renderProblem,
      recorder: deployment.audit,
    }),
  );
  return toApp(app);
}

/** Answers every request of a deployment whose configuration is invalid. The log says what it lacks. */
export function createUnconfiguredApp(): App {
  const app = baseApp();
  app.all("*", () => {
    throw new Problem("internal");
  });
  return toApp(app);
}

function toApp(app: Hono<AppEnv>): App {
  return { fetch: (request, context) => app.fetch(request, {}, context) };
}
