import type { AccountSettings } from "../account/settings.ts";
import { hex, hmac } from "./hmac.ts";
import type { Webhook } from "./sender.ts";

/** The URL of the WhatsApp webhook, and the key of its signature. */
export interface MetaReceiver {
  url: string;
  appSecret: string;
}

/** Fields that an override redirects; those about templates and the account always go to the app. */
const REDIRECTED: readonly string[] = ["messages", "standby"];

/**
 * Where Meta sends the webhooks of a field, as the account is set up; null for nowhere. Source: Meta's page
 * "Webhook overrides", and what four things have to be set for a webhook to come at all.
 */
export function receiverOf(settings: AccountSettings, field: string): MetaReceiver | null {
  const { published, subscribed, webhook, override, app_secret: appSecret } = settings;
  // Apps on standby hear of the messages that they would have received.
  const needed = field === "standby" ? "messages" : field;
  if (!published || !subscribed || !webhook.fields.includes(needed)) return null;
  const redirected = REDIRECTED.includes(field) ? (override.number ?? override.account) : null;
  const url = redirected ?? webhook.url;
  return url === null ? null : { url, appSecret };
}

/** A webhook signed as Meta signs it: HMAC-SHA256 of the raw body under the app secret, in hex. */
export async function metaWebhook({ url, appSecret }: MetaReceiver, payload: object): Promise<Webhook> {
  const body = JSON.stringify(payload);
  return {
    url,
    headers: {
      "Content-Type": "application/json",
      "User-Agent": "facebookexternalua",
      "X-Hub-Signature-256": `sha256=${hex(await hmac("SHA-256", appSecret, body))}`,
    },
    body,
    isTaken: (status) => status === 200,
  };
}
