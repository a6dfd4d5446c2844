import type { Deployment } from "../../deployment.ts";
import type { Endpoint } from "./endpoint.ts";
import { createKey } from "./keys/create.ts";
import { listKeys } from "./keys/list.ts";
import { revokeKey } from "./keys/revoke.ts";
import { readStats } from "./stats/read.ts";
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
  journal,
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
    readStats(journal),
    ...webhookEndpointCalls(webhooks),
    createKey(keys),
    listKeys(keys),
    revokeKey(keys),
  ];
}
