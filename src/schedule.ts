import type { Deployment } from "./deployment.ts";
import { enforceRetention } from "./journal/journal.ts";
import { log } from "./platform/log.ts";
import type { Templates } from "./templates/templates.ts";
import { enqueueOverdue } from "./webhook-endpoints/queue.ts";
import { maintainWebhooks } from "./webhook-endpoints/webhooks.ts";

/** The schedule in wrangler.toml on which the day's work is done; any other only looks after what is overdue. */
const DAILY = "17 3 * * *";

/** What nobody asks for and somebody has to do. */
export async function maintain(
  { config, journal, webhooks, templates }: Deployment,
  cron: string,
): Promise<void> {
  await enqueueOverdue(webhooks);
  if (cron !== DAILY) return;
  await enforceRetention(journal, config.journalRetentionDays, Date.now());
  await maintainWebhooks(webhooks, config.journalRetentionDays);
  await syncTemplates(templates);
}

/** What a lost webhook would have told. WhatsApp's refusal is no reason to do the day's other work again. */
async function syncTemplates(templates: Templates): Promise<void> {
  try {
    log("info", "Templates are in step with WhatsApp's", { count: (await templates.sync()).length });
  } catch (error) {
    log("error", "Templates could not be pulled from WhatsApp", { error: String(error) });
  }
}
