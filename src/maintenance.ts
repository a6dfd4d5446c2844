import type { Deployment } from "./deployment.ts";
import { enforceRetention } from "./events/journal/retention.ts";
import { sweepDeliveries, tidyWebhooks } from "./events/webhook-endpoints/maintenance.ts";

/** The schedule in wrangler.toml on which the day's work is done; any other only looks after what is overdue. */
const DAILY = "17 3 * * *";

/** What nobody asks for and somebody has to do. */
export async function maintain({ config, journal, webhooks }: Deployment, cron: string): Promise<void> {
  await sweepDeliveries(webhooks);
  if (cron !== DAILY) return;
  await enforceRetention(journal, config.journalRetentionDays, Date.now());
  await tidyWebhooks(webhooks, config.journalRetentionDays);
}
