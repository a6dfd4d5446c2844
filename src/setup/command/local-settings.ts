import { parseEnv } from "node:util";
import { senderSchema } from "../../channels/whatsapp/senders.ts";
import { policySchema } from "../../phone-number/policy.ts";
import { readJson } from "../../platform/json.ts";
import { isLoopbackHost, isSecureUrl } from "../../platform/secure-url.ts";
import type { Fetch } from "../graph.ts";
import { drawPin } from "../pin.ts";
import { settingsFindings } from "../settings-findings.ts";
import { type DoctorSource, deploymentSource, localSource } from "./doctor-sources.ts";

export interface ProjectFiles {
  /** A file of the project; null where there is none. */
  readText(path: string): string | null;
  /** `[vars]` of wrangler.toml. */
  readVars(): Promise<Readonly<Record<string, unknown>>>;
}

type Values = Readonly<Record<string, unknown>>;

/** Public values of `.dev.vars.example`, which only the simulator takes. */
const EXAMPLE_MARK = "local-development-only";
const DEVELOPMENT_PORT = "8787";

/**
 * The source of a run without `--url`: Meta, asked with the secrets of `.dev.vars` or the environment; with the example's
 * secrets the deployment of `npm run dev`.
 *
 * @returns a sentence where settings are missing or invalid
 */
export async function localSettings(
  files: ProjectFiles,
  environment: Readonly<Record<string, string | undefined>>,
  fetch: Fetch,
): Promise<DoctorSource | string> {
  const secrets = parseEnv(files.readText(".dev.vars") ?? "");
  const vars = await files.readVars().catch(() => null);
  if (vars === null) return "wrangler.toml cannot be read: `npx wrangler deploy --dry-run` tells why.";
  const values: Values = Object.assign({}, vars, secrets, defined(environment));
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : "");
  const baseUrl = text("WHATSAPP_BASE_URL").replace(/\/+$/, "");
  const accessToken = text("WHATSAPP_ACCESS_TOKEN");
  if (accessToken === "") {
    return "No access token: set WHATSAPP_ACCESS_TOKEN in .dev.vars or the environment, or name a deployment with --url.";
  }
  if (!isSecureUrl(baseUrl)) return "WHATSAPP_BASE_URL would send the access token unencrypted: use https.";
  if (accessToken.includes(EXAMPLE_MARK) && !isLoopbackHost(new URL(baseUrl).hostname)) {
    const url = `http://127.0.0.1:${environment.PORT ?? DEVELOPMENT_PORT}`;
    return deploymentSource({ url, key: environment.SANDI_KEY ?? text("ADMIN_KEY"), fetch });
  }
  const purposes = Object.entries((values.PURPOSES ?? {}) as Values).map(
    ([name, policy]) => [name, policySchema.safeParse(policy)] as const,
  );
  const policies = new Map(
    purposes.flatMap(([name, { data }]) => (data === undefined ? [] : [[name, data]])),
  );
  const unusable = purposes.find(([, { success }]) => !success);
  if (unusable !== undefined) return `PURPOSES.${unusable[0]} in wrangler.toml is not valid.`;
  const whatsapp = {
    apiVersion: text("WHATSAPP_API_VERSION"),
    businessAccountId: text("WHATSAPP_BUSINESS_ACCOUNT_ID"),
    accessToken,
    appSecret: text("WHATSAPP_APP_SECRET"),
  };
  const senders = sendersIn(values.WHATSAPP_SENDERS, text("WHATSAPP_PHONE_NUMBER_ID"));
  if (whatsapp.businessAccountId === "" || senders.length === 0) {
    return "WHATSAPP_PHONE_NUMBER_ID and WHATSAPP_BUSINESS_ACCOUNT_ID are missing: set them in wrangler.toml.";
  }
  const defaultLocale = text("DEFAULT_LOCALE") || "en-US";
  const identityChange = identityChangeIn(values.GUARD);
  return localSource({
    settings: settingsFindings({ whatsapp, senders, policies, defaultLocale, identityChange }, urlOf(files)),
    graph: { fetch, baseUrl, version: whatsapp.apiVersion, accessToken, appSecret: whatsapp.appSecret },
    verifyToken: text("WHATSAPP_VERIFY_TOKEN"),
    newPin: drawPin,
  });
}

function defined(environment: Readonly<Record<string, string | undefined>>): Values {
  const names = Object.keys(environment).filter((name) => /^(WHATSAPP_|ADMIN_KEY$)/.test(name));
  return Object.fromEntries(names.map((name) => [name, environment[name]]));
}

function sendersIn(list: unknown, only: string): readonly { readonly phoneNumberId: string }[] {
  const parsed = senderSchema.array().safeParse(list).data;
  return parsed ?? (only === "" ? [] : [{ phoneNumberId: only }]);
}

function identityChangeIn(guard: unknown): string {
  const { identity_change: change } = (guard ?? {}) as { readonly identity_change?: unknown };
  return typeof change === "string" ? change : "off";
}

/** Where the last setup deployed to. */
function urlOf({ readText }: ProjectFiles): string | null {
  const { url } = (readJson(readText(".wrangler/setup.json") ?? "") ?? {}) as { readonly url?: unknown };
  return typeof url === "string" ? url : null;
}
