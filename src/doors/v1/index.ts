import type { ApiKeys } from "../../keys/api-keys.ts";
import type { Policy } from "../../verification/policy.ts";
import type { Verifications } from "../../verification/verifications.ts";
import type { Endpoint } from "./endpoint.ts";
import { createKey } from "./keys/create.ts";
import { listKeys } from "./keys/list.ts";
import { revokeKey } from "./keys/revoke.ts";
import { cancelVerification } from "./verifications/cancel.ts";
import { checkVerification } from "./verifications/check.ts";
import { checkVerificationByNumber } from "./verifications/check-by-number.ts";
import { getVerification } from "./verifications/get.ts";
import { resendVerification } from "./verifications/resend.ts";
import { startVerification } from "./verifications/start.ts";

/** Every call of version 1, in the order of its documentation. */
export function endpoints(
  verifications: Verifications,
  policies: ReadonlyMap<string, Policy>,
  keys: ApiKeys,
): readonly Endpoint[] {
  return [
    startVerification(verifications, policies),
    checkVerification(verifications),
    checkVerificationByNumber(verifications, policies),
    getVerification(verifications),
    resendVerification(verifications),
    cancelVerification(verifications),
    createKey(keys),
    listKeys(keys),
    revokeKey(keys),
  ];
}
