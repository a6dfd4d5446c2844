import type { Hono } from "hono/tiny";
import type { Deployment } from "./deployment.ts";
import { baseApp } from "./http/base-app.ts";
import type { CompatibleApi } from "./http/compatible-api.ts";
import { COMPATIBLE_APIS } from "./http/compatible-apis.ts";
import type { AppEnv } from "./http/context.ts";
import { documentation } from "./http/documentation.ts";
import { NATIVE_DIALECT } from "./http/errors.ts";
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
      dialect: NATIVE_DIALECT,
      endpoints: endpoints(deployment),
      authenticate: ({ headers }) => keys.authenticate(headers.get("authorization")),
      refine: (caller, { headers }) => actingFor(caller, headers.get("sandi-app"), config.apps),
      recorder: deployment.audit,
    }),
  );
  return toApp(app, (api) => {
    const compatible = baseApp(api.dialect.renderError);
    compatible.route("/", mount(api.mount(deployment)));
    return compatible;
  });
}

/** Answers every request of a deployment whose configuration is invalid. The log says what it lacks. */
export function createUnconfiguredApp(): App {
  return toApp(unconfigured(baseApp()), (api) => unconfigured(baseApp(api.dialect.renderError)));
}

function unconfigured(app: Hono<AppEnv>): Hono<AppEnv> {
  app.all("*", () => {
    throw new Problem("internal");
  });
  return app;
}

/**
 * Chooses between the native app and the compatible APIs by the path. A router tries each route with a request, so the
 * routes of compatible APIs are in apps of their own, each of which is made for its first request.
 */
function toApp(native: Hono<AppEnv>, make: (api: CompatibleApi) => Hono<AppEnv>): App {
  const made = new Map<CompatibleApi, Hono<AppEnv>>();
  const appFor = ({ url }: Request): Hono<AppEnv> => {
    // After `https://`, the next slash begins the path.
    const start = url.indexOf("/", "https://".length);
    if (url.startsWith("/v1/", start)) return native;
    const api = COMPATIBLE_APIS.find(({ dialect }) => isUnder(dialect.prefix, url, start));
    if (api === undefined) return native;
    const app = made.get(api) ?? make(api);
    made.set(api, app);
    return app;
  };
  return { fetch: (request, context) => appFor(request).fetch(request, {}, context) };
}

function isUnder(prefix: string, url: string, start: number): boolean {
  return url.startsWith(prefix, start) && ["/", "?", undefined].includes(url[start + prefix.length]);
}
