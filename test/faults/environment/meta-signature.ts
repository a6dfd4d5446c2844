import { createHmac } from "node:crypto";
import { APP_SECRET } from "../../world/settings.ts";

/** The header `X-Hub-Signature-256` of a webhook that Meta has signed. */
export function signedByMeta(body: string): string {
  return `sha256=${createHmac("sha256", APP_SECRET).update(body).digest("hex")}`;
}
