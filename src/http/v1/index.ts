import type { Deployment } from "../../deployment.ts";
import type { Endpoint } from "./endpoint.ts";
import { listDecisions } from "./guard/decisions.ts";
import { guardListCalls } from "./guard/lists.ts";
import { unblockRange, unlockNumber } from "./guard/operator-actions.ts";
import { createKey } from "./keys/create.ts";
import { listKeys } from "./keys/list.ts";
import { revokeKey } from "./keys/revoke.ts";
import { sendMessage } from "./messages/send.ts";
import { batchCalls } from "./notifications/batches/index.ts";
import { getNotification } from "./notifications/get.ts";
import { sendNotification } from "./notifications/send.ts";
import { readStats } from "./stats/read.ts";
import { templateCalls } from "./templates/index.ts";
import { cancelVerification } from "./verifications/cancel.ts";
import { checkVerification } from "./verifications/check.ts";
import { checkVerificationByNumber } from "./verifications/check-by-number.ts";
import { getVerification } from "./verifications/get.ts";
import { listVerifications } from "./verifications/list.ts";
import { resendVerification } from "./verifications/resend.ts";
import { startVerification } from "./verifications/start.ts";
import { webhookEndpointCalls } from "./webhook-endpoints/index.ts";

/** Every call of version 1, in the order of its documentation. */
export function endpoints({
  config,
  verifications,
  notifications,
  conversation,
  batches,
  templates,
  journal,
  guardLog,
  guardLists,
  operator,
  webhooks,
  keys,
}: Deployment): readonly Endpoint[] {
  const { policies, keyring } = config;
  return [
    startVerification(verifications, policies),
    checkVerification(verifications),
    checkVerificationByNumber(verifications, policies),
    getVerification(verifications),
    resendVerification(verifications),
    cancelVerification(verifications),
    listVerifications(verifications, journal, keyring),
    sendNotification(notifications),
    getNotification(notifications),
    ...batchCalls(batches),
    sendMessage(conversation),
    ...templateCalls(templates, config.defaultLocale),
    readStats(journal),
    listDecisions(guardLog),
    unblockRange(operator),
    unlockNumber(operator),
    ...guardListCalls(guardLists),
    ...webhookEndpointCalls(webhooks),
    createKey(keys),
    listKeys(keys),
    revokeKey(keys),
  ];
}
