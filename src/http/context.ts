import type { E164 } from "../numbering/e164.ts";

/** What the handling of one request knows and learns, and the log line of that request says. */
export interface RequestContext {
  readonly requestId: string;
  route: string;
  outcome: string;
  to: E164 | undefined;
}

/** Hono's types for this app. What it calls bindings it hands to every handler as `c.env`: here, the notes. */
export interface AppEnv {
  Bindings: RequestContext;
}
