import type { Hono } from "hono/tiny";
import type { Deployment } from "./deployment.ts";
import { baseApp } from "./http/base-app.ts";
import type { CompatibleApi } from "./http/compatible-api.ts";
import { COMPATIBLE_APIS } from "./http/compatible-apis.ts";
import type { AppEnv } from "./http/context.ts";
import { documentation } from "./http/documentation.ts";
import { NATIVE_DIALECT, renderProblem } from "./http/errors.ts";
import { health } from "./http/health.ts";
import { mount } from "./http/mount.ts";
import { type SignInDependencies, signIn } from "./http/sign-in/index.ts";
import { renderSignInError } from "./http/sign-in/oauth-error.ts";
import { Words } from "./http/sign-in/page/words.ts";
import { SealedTexts } from "./http/sign-in/sealed-texts.ts";
import { senderName } from "./http/sign-in/sender-name.ts";
import { Turnstile } from "./http/sign-in/turnstile.ts";
import { WELL_KNOWN_PATHS, wellKnown } from "./http/sign-in/well-known.ts";
import { endpoints } from "./http/v1/index.ts";
import { smsWebhook } from "./http/webhooks/sms.ts";
import { whatsAppWebhook } from "./http/webhooks/whatsapp/webhook.ts";
import { actingFor } from "./keys/apps.ts";
import { issuerAt } from "./keys/issuer/settings.ts";
import { RegisteredClients } from "./keys/registered-clients.ts";
import { Problem } from "./platform/problem.ts";

export interface App {
  readonly fetch: (request: Request, context: ExecutionContext) => Response | Promise<Response>;
}

/** Everything that this service answers over HTTP. */
export function createApp(deployment: Deployment): App {
  const { config, verifications, keys } = deployment;
  const { keyring, whatsapp, loggedShare } = config;
  const app = baseApp(renderProblem, loggedShare);
  app.route("/health", health(keys, deployment));
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
      recorder: deployment.auditRecorder,
    }),
  );
  return toApp({
    native: app,
    makeSignIn() {
      const provider = baseApp(renderSignInError, loggedShare);
      provider.route("/", wellKnown(config, deployment.issuer));
      provider.route("/", signIn(signInParts(deployment)));
      return provider;
    },
    makeCompatible(api) {
      const compatible = baseApp(api.dialect.renderError, loggedShare);
      compatible.route("/", mount(api.mount(deployment)));
      return compatible;
    },
  });
}

/** What the provider of sign-in needs of a deployment. */
function signInParts(deployment: Deployment): SignInDependencies {
  const { config, oauthClients, issuer, redemptions, verifications, messageFirst, senderProfiles, assets } =
    deployment;
  const senderIds = config.senders.map(({ phoneNumberId }) => phoneNumberId);
  const { keyring, policies, apps, defaultLocale, sms, signIn: settings } = config;
  return {
    clients: new RegisteredClients(oauthClients),
    issuer,
    texts: new SealedTexts(keyring),
    redemptions,
    verifications,
    messageFirst,
    policies,
    apps,
    settings,
    senderName: (background) => senderName(senderIds, senderProfiles, background),
    turnstile: settings.turnstile && new Turnstile(settings.turnstile, keyring),
    words: new Words(assets),
    defaultLocale,
    hasSmsGateway: sms !== null,
    issuerAt: (url) => issuerAt(url, config),
    assets,
  };
}

/** Answers every request of a deployment whose configuration is invalid. The log says what it lacks. */
export function createUnconfiguredApp(): App {
  return toApp({
    native: unconfigured(baseApp()),
    makeSignIn: () => unconfigured(baseApp(renderSignInError)),
    makeCompatible: (api) => unconfigured(baseApp(api.dialect.renderError)),
  });
}

function unconfigured(app: Hono<AppEnv>): Hono<AppEnv> {
  app.all("*", () => {
    throw new Problem("internal");
  });
  return app;
}

interface Apps {
  readonly native: Hono<AppEnv>;
  makeSignIn(): Hono<AppEnv>;
  makeCompatible(api: CompatibleApi): Hono<AppEnv>;
}

/**
 * Chooses between the native app and the others by the path. A router tries each route with a request, so the routes of
 * sign-in and of compatible APIs are in apps of their own, each of which is made for its first request.
 */
function toApp({ native, makeSignIn, makeCompatible }: Apps): App {
  let provider: Hono<AppEnv> | undefined;
  const compatible = new Map<CompatibleApi, Hono<AppEnv>>();
  const appFor = ({ url }: Request): Hono<AppEnv> => {
    // After `https://`, the next slash begins the path.
    const start = url.indexOf("/", "https://".length);
    if (url.startsWith("/v1/", start)) return native;
    if (SIGN_IN_PATHS.some((path) => isUnder(path, url, start))) {
      provider ??= makeSignIn();
      return provider;
    }
    const api = COMPATIBLE_APIS.find(({ dialect }) => isUnder(dialect.prefix, url, start));
    if (api === undefined) return native;
    const app = compatible.get(api) ?? makeCompatible(api);
    compatible.set(api, app);
    return app;
  };
  return { fetch: (request, context) => appFor(request).fetch(request, {}, context) };
}

/** Another path below `/.well-known` is not sign-in's. */
const SIGN_IN_PATHS = ["/oauth", ...Object.values(WELL_KNOWN_PATHS)];

/** A backslash in a path of http is a slash ("URL" standard), which the runtime leaves as it comes. */
function isUnder(prefix: string, url: string, start: number): boolean {
  return url.startsWith(prefix, start) && ["/", "\\", "?", undefined].includes(url[start + prefix.length]);
}
