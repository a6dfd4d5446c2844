import type { Random } from "../../world/random.ts";
import type { Pool } from "../pool.ts";
import type { FuzzRequest, Header } from "../request.ts";

/** Paths beside the documented API, existing or not. */
const PATHS = [
  "/health",
  "/docs",
  "/openapi.json",
  "/docs/style.css",
  "/docs/script.js",
  "/webhooks/sms",
  "/webhooks/whatsapp",
  "/",
  "/v1",
  "/v1/",
  "/v2/verifications",
  "/v1/nothing",
  "/favicon.ico",
  "/index.html",
  "/.well-known/security.txt",
  "/docs/",
  "/docs.html",
  "/__proto__",
  "/v1/constructor",
  "/twilio",
  "/twilio/v2/Services/login/RateLimits",
  "/twilio/v1/Services",
  "/hooks",
  "/hooks/nothing",
  "/hooks/supabase",
  "/hooks/supabase/nothing",
  "/hooks/authgear/",
  "/hooks/kratos",
  "/vonage",
  "/vonage/v2/verify/templates",
  "/camara/",
  "/camara/one-time-password-sms/v1/send-code/x",
] as const;

const HEADERS: readonly Header[] = [
  ["if-none-match", '"0"'],
  ["if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT"],
  ["range", "bytes=0-9"],
  ["accept", "text/html;q=0.9, */*"],
  ["accept-encoding", "br, gzip"],
  ["origin", "https://example.com"],
  ["access-control-request-method", "POST"],
] as const;

/** A request to a path that is not a documented call. */
export function undocumentedRequest(random: Random, pool: Pool): FuzzRequest {
  const key = pool.authorization();
  const headers = HEADERS.filter(() => random.chance(0.15));
  const withKey = key !== null && random.chance(0.5);
  return {
    method: random.pick(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST"]),
    target: random.pick(PATHS),
    headers: [...headers, ...(withKey ? [["authorization", key] as const] : [])],
    body: null,
    signer: null,
    operation: null,
  };
}
