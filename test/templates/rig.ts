import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { REGISTRY_NAME } from "../../src/templates/templates.ts";
import { api, control, type Deployment, messagesTo, newNumber, start, webhook } from "../deployment.ts";

/** The two example bodies of the API. */
export const CODES = {
  category: "authentication",
  languages: ["en_US", "id", "pt_BR"],
  button: "copy_code",
  code_expiration_minutes: 5,
  add_security_recommendation: true,
  message_send_ttl_seconds: 300,
  supported_apps: [{ package_name: "com.example.app", signature_hash: "K8a/AINcGX7" }],
  zero_tap_terms_accepted: false,
};
export const ENGLISH = {
  header: "Order update",
  body: "Hi {{name}}, order {{order}} has shipped.",
  footer: "Example Shop",
  buttons: [{ type: "url", text: "Track", url: "https://example.com/t/{{1}}" }],
  examples: { name: "Ana", order: "A-77" },
};
export const SHIPPING = { category: "utility", languages: { en_US: ENGLISH } };

export const codesIn = (...languages: string[]) => ({ category: "authentication", languages });
export const put = (name: string, body: object) => api("PUT", `/v1/templates/${name}`, body);
export const get = async (name: string) => (await api("GET", `/v1/templates/${name}`)).body;
export const sync = async () => (await api("POST", "/v1/templates/sync")).body;
export const NO_CHANGE = { added: [], changed: [], removed: [] };
export const statuses = async (name: string) => statusesOf(await get(name));

export function statusesOf({ languages }: { languages: Record<string, { status: string }> }) {
  return Object.fromEntries(Object.entries(languages).map(([language, { status }]) => [language, status]));
}

/** The template's value in KV. */
// biome-ignore lint/suspicious/noExplicitAny: tests assert on the stored shape
export const inKv = (name: string) => env.TEMPLATES.get<any>(`template/${name}`, "json");
/** Runs the registry's alarm; false when none was set. */
export const publish = () => runDurableObjectAlarm(env.TEMPLATE_REGISTRY.getByName(REGISTRY_NAME));

/** New templates are PENDING until {@link review} decides. */
export const reviewManually = (deployment: Deployment) =>
  control(deployment, "PUT", "/behaviour", { review: "manual" });
export const review = (deployment: Deployment, name: string, status: string, language?: string) =>
  control(deployment, "POST", `/templates/${name}/status`, { status, language });

/** Calls Meta's API directly, bypassing the Worker. */
export function graph(deployment: Deployment, method: string, path: string, body?: object) {
  return deployment.simulator.app.request(`/v26.0/${env.WHATSAPP_BUSINESS_ACCOUNT_ID}/${path}`, {
    method,
    headers: { authorization: `Bearer ${env.WHATSAPP_ACCESS_TOKEN}` },
    ...(body && { body: JSON.stringify(body) }),
  });
}

/** Posts a template change as Meta's webhook does. */
export function change(field: string, value: object, time = Math.floor(Date.now() / 1000)) {
  const entry = { id: env.WHATSAPP_BUSINESS_ACCOUNT_ID, time, changes: [{ field, value }] };
  return webhook({ object: "whatsapp_business_account", entry: [entry] });
}

/** A status update of `brief` in `en_US`, unless `more` overrides it. */
export function statusUpdate(event: string, more: object = {}, time?: number) {
  const about = {
    message_template_id: 7,
    message_template_name: "brief",
    message_template_language: "en-US",
    reason: null,
    message_template_category: "AUTHENTICATION",
  };
  return change("message_template_status_update", { event, ...about, ...more }, time);
}

/** The language of the code that a user of the purpose `brief`, which has its own template, receives. */
export async function languageSent(deployment: Deployment, locale: string): Promise<string | undefined> {
  const to = newNumber();
  await start({ to, purpose: "brief", locale });
  return (await messagesTo(deployment, to))[0]?.language;
}
