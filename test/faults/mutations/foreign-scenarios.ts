import { type ForeignStatus, ORIGINS } from "../clients/foreign-webhooks.ts";
import { begin, type Scenario, settleWebhooks } from "./scenarios.ts";

const STATUSES: readonly ForeignStatus[] = ["read", "failed", "denied"];

/** Posts every kind of foreign webhook about a message that was delivered. */
export const foreignWebhooks: Scenario = async (user, environment) => {
  const pending = await begin(user);
  await settleWebhooks(user, environment);
  for (const origin of ORIGINS) {
    for (const status of STATUSES) {
      await user.postForeignWebhook(pending, origin, status, false);
      await user.postForeignWebhook(pending, origin, status, true);
    }
  }
  await user.api(pending.app).read(pending.id);
};

/** Posts account updates of another account, and of ours from three days ago, and starts afterwards. */
export const foreignAccountUpdates: Scenario = async (user) => {
  for (const origin of ["other_account", "days_ago"] as const) await user.postAccountUpdate(origin);
  await user.api().start({ purpose: "login", metadata: { round: "after" } });
};

/** Every scenario of this file once. */
export const FOREIGN_SCENARIOS: readonly Scenario[] = [foreignWebhooks, foreignAccountUpdates];
