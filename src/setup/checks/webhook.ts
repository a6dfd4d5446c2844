import { MINUTE_MS } from "../../platform/time.ts";
import type { Findings } from "../findings.ts";
import type { Subscription } from "../meta-nodes.ts";
import {
  hostOf,
  isOwnWebhook,
  WEBHOOK_FIELDS,
  WEBHOOK_OBJECT,
  webhookUrl,
  withoutSecrets,
} from "../webhook-address.ts";
import type { Check, CheckIdList, Result } from "./check.ts";
import { appDashboard } from "./meta-pages.ts";
import { clockTime, failed, listed, ok, told, unknown, warning } from "./results.ts";
import { nameOf } from "./token.ts";

/** What keeps webhooks from coming: while one of them is red, silence needs no cause of its own. */
const WAYS_IN: CheckIdList = [
  "secret.app",
  "webhook.account",
  "webhook.fields",
  "webhook.url",
  "webhook.override",
  "webhook.handshake",
];

export const webhookChecks: readonly Check[] = [
  { id: "app.published", severity: "blocks", needs: WAYS_IN, examine: examinePublished },
  {
    id: "webhook.account",
    severity: "blocks",
    needs: ["token.assigned", "token.app"],
    examine: examineAccount,
  },
  { id: "webhook.fields", severity: "blocks", needs: ["webhook.url"], examine: examineFields },
  { id: "webhook.url", severity: "blocks", needs: ["secret.app", "webhook.handshake"], examine: examineUrl },
  { id: "webhook.override", severity: "blocks", needs: ["ids.pair"], examine: examineOverride },
  { id: "webhook.handshake", severity: "blocks", needs: ["secret.app"], examine: examineHandshake },
  {
    id: "webhook.silence",
    severity: "warns",
    needs: [...WAYS_IN, "app.published", "number.registered"],
    examine: examineSilence,
  },
];

function examinePublished({ now, memory, meta }: Findings): Result | null {
  if (memory === null) return null;
  const { acceptedAt, rightSignatureAt } = memory;
  if (rightSignatureAt !== null) return ok("Webhooks of Meta arrive, so the app is published.");
  if (acceptedAt === null || acceptedAt > now - MINUTE_MS) {
    return unknown("No message was sent yet, so it is not known whether the app is published.");
  }
  const app = told(meta.app);
  return failed({
    sentence:
      "Meta accepted a message but told us nothing of it. Most often the app is not published: App dashboard, Publish.",
    why: "Meta sends the webhooks of an unpublished app for tests only, so Sandi never hears of a delivery.",
    repair: {
      by: "link",
      text: `Publish app ${app === null ? "of the token" : nameOf(app)} in its App dashboard, under Publish.`,
      url: appDashboard(app?.id),
    },
    evidence: { expected: "a webhook with a right signature", found: null },
  });
}

function examineAccount({ settings, meta: { app, account, subscribedApps } }: Findings): Result {
  if (subscribedApps.kind !== "answered") return unknown(subscribedApps);
  if (app.kind !== "answered") return unknown(app);
  const ids = subscribedApps.value.map(({ id }) => id);
  const name = told(account)?.name ?? settings.businessAccountId;
  if (ids.includes(app.value.id)) return ok(`The app is subscribed to the WhatsApp account ${name}.`);
  return failed({
    sentence: `The app is not subscribed to the WhatsApp account ${name}.`,
    why: "Meta sends no webhook of the account to this app: Sandi hears neither of deliveries nor of users.",
    repair: { by: "doctor", text: `Subscribe app ${nameOf(app.value)} to the WhatsApp account ${name}.` },
    evidence: { expected: app.value.id, found: ids },
  });
}

/** The app's webhook; null where it has none. */
export function subscriptionOf({ meta }: Findings): Subscription | null {
  const all = told(meta.subscriptions) ?? [];
  return all.find(({ object, callbackUrl }) => object === WEBHOOK_OBJECT && callbackUrl !== null) ?? null;
}

export function missingFields(findings: Findings): readonly string[] {
  const fields = subscriptionOf(findings)?.fields ?? [];
  return WEBHOOK_FIELDS.filter((field) => !fields.includes(field));
}

function examineFields(findings: Findings): Result {
  const { subscriptions } = findings.meta;
  if (subscriptions.kind !== "answered") return unknown(subscriptions);
  const missing = missingFields(findings);
  if (missing.length === 0) return ok("The app is subscribed to every field that Sandi reads.");
  const found = subscriptionOf(findings)?.fields ?? [];
  const repair = { by: "doctor", text: `Subscribe the app to ${listed(missing)}.` } as const;
  const evidence = { expected: WEBHOOK_FIELDS, found };
  if (!missing.includes("messages")) {
    return warning({
      sentence: `The webhook is not subscribed to ${listed(missing)}.`,
      why: "Sandi learns only by its daily look what Meta changes of the account, its templates or its number.",
      repair,
      evidence,
    });
  }
  return failed({
    sentence:
      found.length === 0
        ? "The webhook is set but subscribed to no field (messages is missing)."
        : "The webhook is set but not subscribed to messages.",
    why: "Meta reports neither deliveries nor messages of users.",
    repair,
    evidence,
  });
}

function examineUrl(findings: Findings): Result {
  const { meta } = findings;
  if (meta.subscriptions.kind !== "answered") return unknown(meta.subscriptions);
  const own = webhookUrl(findings);
  const url = subscriptionOf(findings)?.callbackUrl ?? null;
  const app = told(meta.app)?.name ?? "of the token";
  const evidence = { expected: own, found: url && withoutSecrets(url) };
  const override = overrideOf(findings);
  if (override !== null && isOwnWebhook(override, findings) === true) {
    return ok("Messages come here by an override; Sandi asks daily for what else Meta changes.", evidence);
  }
  if (url === null) {
    return failed({
      sentence: `App ${app} has no webhook.`,
      why: "Sandi hears neither of deliveries nor of users.",
      repair: { by: "doctor", text: `Set this deployment as the webhook of app ${app}.` },
      evidence,
    });
  }
  const isOwn = isOwnWebhook(url, findings);
  if (isOwn === null)
    return unknown("The address of this deployment is not known, so that it cannot be compared.");
  if (isOwn) return ok("The app's webhook is this deployment.", evidence);
  return failed({
    sentence: `Another project has taken the app's webhook: it goes to ${hostOf(url)}. One app has one address.`,
    why: "Sandi hears neither of deliveries nor of users.",
    repair: {
      by: "doctor",
      text: `Use an app of its own for this deployment, or take the webhook over from ${hostOf(url)}, for which the doctor needs your consent.`,
    },
    evidence,
  });
}

/**
 * The most specific address that replaces the app's; null where there is none.
 *
 * @param of `account` leaves out the number's own address
 */
export function overrideOf({ meta }: Findings, of: "number" | "account" = "number"): string | null {
  const [sender] = meta.senders;
  const webhooks = sender?.node.kind === "answered" ? sender.node.value.webhooks : null;
  const appId = told(meta.app)?.id;
  const ofApp = told(meta.subscribedApps)?.find(({ id }) => id === appId);
  const ofNumber = of === "number" ? (webhooks?.number ?? null) : null;
  return ofNumber ?? webhooks?.account ?? ofApp?.overrideUrl ?? null;
}

function examineOverride(findings: Findings): Result {
  const [sender] = findings.meta.senders;
  if (sender !== undefined && sender.node.kind !== "answered") return unknown(sender.node);
  const override = overrideOf(findings);
  if (override === null) return ok("The number's webhooks go where the app's go.");
  const isOwn = isOwnWebhook(override, findings);
  if (isOwn === null)
    return unknown("The address of this deployment is not known, so that it cannot be compared.");
  if (isOwn) return ok("The number's webhooks are redirected to this deployment.");
  return failed({
    sentence: `This number's webhooks are redirected to ${hostOf(override)}, past the app's own address.`,
    why: "Sandi hears neither of deliveries nor of users.",
    repair: { by: "doctor", text: `Remove the redirection to ${hostOf(override)}.` },
    evidence: { expected: webhookUrl(findings), found: withoutSecrets(override) },
  });
}

function examineHandshake(findings: Findings): Result | null {
  const { memory, meta } = findings;
  if (memory === null) return null;
  const { handshake } = memory;
  if (handshake === null) return ok("Meta has not called with another verify token.");
  if (handshake.tokenWasRight) return ok("Meta's last handshake had this deployment's verify token.");
  const url = subscriptionOf(findings)?.callbackUrl ?? null;
  // An address elsewhere is a fault of its own, which says where to look.
  if (url !== null && isOwnWebhook(url, findings) === false)
    return ok("The app's webhook is not this deployment.");
  const fault = {
    sentence: "Meta called with another verify token than this deployment's.",
    why: "Meta saves an address only after a handshake with the right token.",
    repair: {
      by: "doctor",
      text: "Set this deployment as the app's webhook with its own verify token.",
    },
    evidence: { expected: "WHATSAPP_VERIFY_TOKEN", found: "another" },
  } as const;
  // Anyone can call with a wrong token: it does no harm to a webhook that is set.
  return url !== null || meta.subscriptions.kind !== "answered" ? warning(fault) : failed(fault);
}

const SILENCE_MS = 2 * MINUTE_MS;

function examineSilence({ now, memory }: Findings): Result | null {
  if (memory === null) return null;
  const { unreported } = memory;
  if (unreported === null || unreported.since > now - SILENCE_MS) return ok("Meta reports on what is sent.");
  const { count, since } = unreported;
  return warning({
    sentence: `Meta took ${count === 1 ? "a message" : `${count} messages`} since ${clockTime(since)} and has reported on none.`,
    why: "Whether the codes arrived is not known. No setting explains it, so it may be an outage at Meta.",
    repair: {
      by: "wait",
      text: "Look at https://metastatus.com/whatsapp-business-api for an outage, and check again in a few minutes.",
      url: "https://metastatus.com/whatsapp-business-api",
    },
    evidence: { expected: "a status of each message within a minute", found: count },
  });
}
