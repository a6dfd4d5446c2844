import type { MetaAccount } from "../../account/account.ts";
import { SYSTEM_USER } from "../../account/settings.ts";
import { type Access, MANAGEMENT_SCOPE, MESSAGING_SCOPE } from "../access.ts";

/** Scopes that hold for single accounts; others hold for all that the user reaches. */
const GRANULAR: readonly string[] = [MANAGEMENT_SCOPE, MESSAGING_SCOPE];

/** `data` of `GET /debug_token`. */
export function tokenInfo(meta: MetaAccount, access: Access, isKnown: boolean): object {
  if (!isKnown) {
    const error = { code: 190, message: "Invalid OAuth access token - Cannot parse access token" };
    return { error, is_valid: false, scopes: [] };
  }
  const { app_id, type, expires_at, scopes, wabas } = meta.settings.token;
  const info = {
    app_id,
    type,
    application: "Sandi",
    user_id: SYSTEM_USER.id,
    is_valid: !access.hasExpired(),
    expires_at,
    data_access_expires_at: 0,
    scopes,
    granular_scopes: scopes.map((scope) =>
      GRANULAR.includes(scope) ? { scope, target_ids: wabas } : { scope },
    ),
  };
  if (!access.hasExpired()) return info;
  const error = { code: 190, subcode: 463, message: "Error validating access token: Session has expired." };
  return { ...info, error };
}
