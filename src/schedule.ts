import type { NoticeEvent } from "./channels/channel.ts";
import type { Deployment } from "./deployment.ts";
import { enforceRetention } from "./journal/journal.ts";
import { log } from "./platform/log.ts";
import { type Turn, turnId } from "./setup/doctor.ts";
import { tryWaiting } from "./templates/starter-set/waiting.ts";
import { enqueueOverdue } from "./webhook-endpoints/queue.ts";
import { deleteOldDeliveries, makeRoom } from "./webhook-endpoints/retention.ts";

/** The daily schedule in wrangler.toml. Every other one only looks after deliveries and subscriptions, and folds the tallies. */
const DAILY = "17 3 * * *";

/** Runs the scheduled work: deliveries, the database's size, tallies, retention, secrets, signing keys, templates and the doctor. */
export async function maintain(deployment: Deployment, cron: string): Promise<void> {
  const { config, journal, webhooks, issuer, templates, doctor, senderProfiles, publish, capacity } =
    deployment;
  await attempt("Overdue webhook deliveries could not be enqueued", () => enqueueOverdue(webhooks));
  await attempt("Old webhook deliveries could not be deleted", () =>
    deleteOldDeliveries(webhooks, config.journalRetentionDays, cron === DAILY),
  );
  await attempt("The size of the journal's database could not be looked at", async () => {
    const size = await capacity.measure();
    try {
      if (size.excessBytes > 0) await makeRoom(webhooks, size.excessBytes);
    } finally {
      await capacity.report(size, publish);
    }
  });
  await attempt("The types of events with a subscriber could not be stored", () =>
    webhooks.subscriptions.reconcile(),
  );
  await attempt("The tallies of the statistics could not be folded", () =>
    journal.foldTallies(Date.now(), config.journalRetentionDays),
  );
  if (cron !== DAILY) return;
  await enforceRetention(journal, config.journalRetentionDays, Date.now());
  await webhooks.endpoints.reseal();
  await issuer.maintain();
  await attempt("Template sync from WhatsApp failed", async () => {
    log("info", "Templates synced from WhatsApp", { count: (await templates.sync()).length });
  });
  await tryWaiting(templates, "daily");
  await attempt("The doctor could not examine the deployment", async () => {
    const { verdict, next } = await doctor.nightly((turns) => publish(turns.map(toEvent)));
    log("info", "The doctor examined the deployment", { outcome: verdict, details: next });
  });
  await attempt("The senders' profiles could not be read", async () => {
    await senderProfiles.list(true);
  });
}

/** Does what catches up in the next run: its failure does not fail the run, which would repeat the other work. */
async function attempt(failure: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log("error", failure, { error: String(error) });
  }
}

function toEvent(turn: Turn): NoticeEvent {
  const { kind, result, at } = turn;
  return {
    kind: "notice",
    type: `deployment.${kind}`,
    id: turnId(turn),
    at,
    data: {
      check: result.id,
      severity: result.severity,
      state: result.state,
      sentence: result.sentence,
      repair: result.repair?.text ?? null,
    },
  };
}
