import { hex, hmac } from "./hmac.ts";
import type { Webhook } from "./sender.ts";

/** The URL of the WhatsApp webhook, and the key of its signature. */
export interface MetaReceiver {
  url: string;
  appSecret: string;
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
