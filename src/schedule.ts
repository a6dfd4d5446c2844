import type { Deployment } from "./deployment.ts";
import { enforceRetention } from "./journal/journal.ts";
import { log } from "./platform/log.ts";
import { tryWaiting } from "./templates/starter-set/waiting.ts";
import type { Templates } from "./templates/templates.ts";
import { enqueueOverdue } from "./webhook-endpoints/queue.ts";
import { maintainWebhooks } from "./webhook-endpoints/webhooks.ts";

/** The daily schedule in wrangler.toml. Every other schedule only enqueues overdue deliveries. */
const DAILY = "17 3 * * *";

/** Runs the scheduled work: overdue deliveries, retention, secrets, signing keys and templates. */
export async function maintain(
  { config, journal, webhooks, issuer, templates }: Deployment,
  cron: string,
): Promise<void> {
  await enqueueOverdue(webhooks);
  if (cron !== DAILY) return;
  await enforceRetention(journal, config.journalRetentionDays, Date.now());
  await maintainWebhooks(webhooks, config.journalRetentionDays);
  await issuer.maintain();
  await syncTemplates(templates);
  await tryWaiting(templates, "daily");
}

/** Catches up on lost template webhooks. A failure does not fail the run, which would repeat the other work. */
async function syncTemplates(templates: Templates): Promise<void> {
  try {
    log("info", "Templates synced from WhatsApp", { count: (await templates.sync()).length });
  } catch (error) {
    log("error", "Template sync from WhatsApp failed", { error: String(error) });
  }
}
