import { missingFields, overrideOf, subscriptionOf } from "../checks/webhook.ts";
import type { Findings } from "../findings.ts";
import { readSubscriptions } from "../read-nodes.ts";
import { HANDSHAKE_MS, hostOf, isOwnWebhook, subscriptionForm, webhookUrl } from "../webhook-address.ts";
import { outcomeOf, type RepairOutcome, type Repairs, type RepairTools } from "./repair.ts";

export const webhookRepairs: Repairs = {
  "webhook.account": subscribeApp,
  "webhook.fields": subscribeFields,
  "webhook.url": takeWebhook,
  "webhook.handshake": setWebhook,
  "webhook.override": removeOverride,
};

async function subscribeApp({ settings }: Findings, { graph }: RepairTools): Promise<RepairOutcome> {
  return outcomeOf(await graph.post(`${settings.businessAccountId}/subscribed_apps`, {}));
}

/** Keeps the address that is set, which the checks have found to be this deployment's. */
async function subscribeFields(findings: Findings, tools: RepairTools): Promise<RepairOutcome> {
  const url = subscriptionOf(findings)?.callbackUrl ?? webhookUrl(findings);
  return url === null ? UNKNOWN_ADDRESS : subscribe(url, findings, tools);
}

async function takeWebhook(findings: Findings, tools: RepairTools): Promise<RepairOutcome> {
  const url = subscriptionOf(findings)?.callbackUrl ?? null;
  if (url !== null && !tools.mayTakeOver) {
    return {
      kind: "needs_consent",
      sentence: `The app's webhook goes to ${hostOf(url)}, which would get no more webhooks.`,
    };
  }
  return setWebhook(findings, tools);
}

async function setWebhook(findings: Findings, tools: RepairTools): Promise<RepairOutcome> {
  const url = webhookUrl(findings);
  return url === null ? UNKNOWN_ADDRESS : subscribe(url, findings, tools);
}

const UNKNOWN_ADDRESS: RepairOutcome = {
  kind: "by_hand",
  sentence: "The address of this deployment is not known: name it with --url.",
};

/**
 * Sets the app's webhook with the fields that are set and those that Sandi reads. Meta makes its handshake within the
 * call. For some apps it is said to take WhatsApp's fields in the dashboard only, so they are read back.
 */
async function subscribe(
  url: string,
  findings: Findings,
  { graph, verifyToken }: RepairTools,
): Promise<RepairOutcome> {
  const { app } = findings.meta;
  if (app.kind !== "answered") return { kind: "waits", sentence: "Meta did not name the app of the token." };
  const asApp = graph.asApp(app.value.id);
  const path = `${app.value.id}/subscriptions`;
  const form = subscriptionForm(url, verifyToken, subscriptionOf(findings)?.fields ?? []);
  const answer = await asApp.withTimeout(HANDSHAKE_MS).post(path, form);
  if (answer.kind !== "answered") return outcomeOf(answer);
  const subscriptions = await asApp.get(path, {}, readSubscriptions);
  const after = Object.assign({}, findings, { meta: Object.assign({}, findings.meta, { subscriptions }) });
  if (subscriptions.kind !== "answered") return outcomeOf(subscriptions);
  const missing = missingFields(after);
  if (missing.length === 0) return { kind: "repaired" };
  return {
    kind: "by_hand",
    sentence: `Meta has not taken the fields: subscribe to ${missing.join(", ")} in the App dashboard, WhatsApp, Configuration, Webhook fields.`,
  };
}

/** An address of the number comes before one of the account, so either may have to go. */
async function removeOverride(findings: Findings, { graph }: RepairTools): Promise<RepairOutcome> {
  const { settings, meta } = findings;
  const [sender] = meta.senders;
  const ofNumber = sender?.node.kind === "answered" ? sender.node.value.webhooks?.number : null;
  if (sender !== undefined && ofNumber != null && isOwnWebhook(ofNumber, findings) !== true) {
    const configuration = { webhook_configuration: { override_callback_uri: "" } };
    const answer = await graph.post(sender.id, configuration);
    if (answer.kind !== "answered") return outcomeOf(answer);
  }
  const ofAccount = overrideOf(findings, "account");
  if (ofAccount === null || isOwnWebhook(ofAccount, findings) === true) return { kind: "repaired" };
  return outcomeOf(await graph.post(`${settings.businessAccountId}/subscribed_apps`, {}));
}
