import { isLoopbackHost } from "../platform/secure-url.ts";
import type { Findings } from "./findings.ts";

/** The kind of object that all of WhatsApp's webhooks are about. */
export const WEBHOOK_OBJECT = "whatsapp_business_account";

export const WEBHOOK_PATH = "/webhooks/whatsapp";

/** The webhook fields that Sandi reads. Without the first it hears nothing of codes. */
export const WEBHOOK_FIELDS = [
  "messages",
  "message_template_status_update",
  "message_template_quality_update",
  "template_category_update",
  "account_update",
  "account_alerts",
  "account_review_update",
  "business_capability_update",
  "phone_number_quality_update",
  "phone_number_name_update",
  "security",
] as const;

/** The address that Meta should post to; null where the deployment's own is not known. */
export function webhookUrl({ settings: { publicUrl } }: Pick<Findings, "settings">): string | null {
  return publicUrl === null ? null : `${publicUrl.replace(/\/+$/, "")}${WEBHOOK_PATH}`;
}

/**
 * Whether webhooks to an address come to this deployment. It may have several hosts: the one that Meta's last handshake
 * came to counts as well. Null where none of its hosts is known.
 */
export function isOwnWebhook(url: string, findings: Pick<Findings, "settings" | "memory">): boolean | null {
  const heardOn = findings.memory?.webhookHost?.host ?? null;
  const own = webhookUrl(findings);
  const address = URL.parse(url);
  if (address === null) return false;
  if (heardOn !== null && address.host === heardOn && address.pathname === WEBHOOK_PATH) return true;
  return own === null ? null : isSame(address, new URL(own));
}

function isSame(a: URL, b: URL): boolean {
  const areLocal = isLoopbackHost(a.hostname) && isLoopbackHost(b.hostname) && a.port === b.port;
  const isSameHost = areLocal || a.host === b.host;
  return isSameHost && a.pathname.replace(/\/+$/, "") === b.pathname;
}

/** The host of an address, for a sentence; the address itself where it is not one. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}

/** An address without its query and user, which may hold another project's secret. */
export function withoutSecrets(url: string): string {
  const { origin, pathname } = URL.parse(url) ?? {};
  return origin === undefined ? "no address" : `${origin}${pathname}`;
}

/** Longer than a read, because Meta calls the deployment before it answers. */
export const HANDSHAKE_MS = 20_000;

/**
 * The form that sets an app's webhook ("Graph API, Application, Subscriptions"): with the fields that it has already and
 * those that Sandi reads.
 */
export function subscriptionForm(
  callbackUrl: string,
  verifyToken: string,
  before: readonly string[],
): URLSearchParams {
  return new URLSearchParams({
    object: WEBHOOK_OBJECT,
    callback_url: callbackUrl,
    verify_token: verifyToken,
    fields: [...new Set([...before, ...WEBHOOK_FIELDS])].join(),
    include_values: "true",
  });
}
