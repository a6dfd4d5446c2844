import type { Caller } from "../keys/api-keys.ts";
import type { E164 } from "../phone/e164.ts";

/** What the handling of one request learns and the log line of that request says. */
export interface RequestLog {
  route?: string;
  outcome?: string;
  to?: E164;
}

/** Hono's types for this app. */
export interface AppEnv {
  Bindings: Env;
  Variables: { requestId: string; log: RequestLog; caller: Caller };
}
