import type { E164 } from "../numbering/e164.ts";

/** The variables of a request (`c.get`, `c.set`) that its log line is made of. */
export interface RequestVariables {
  requestId: string;
  /** Method and path pattern, never the path itself: paths carry ids and queries carry tokens. */
  route: string | undefined;
  /** The result in a word: what an endpoint did, or the code of a problem. */
  outcome: string | undefined;
  /** The id of the API key. */
  caller: string | undefined;
  /** The phone number that the request was about; the log masks it. */
  to: E164 | undefined;
}

/** Hono's types for this app and every group of routes in it. */
export interface AppEnv {
  Variables: RequestVariables;
}
