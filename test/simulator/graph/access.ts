import type { Context, Env } from "hono";
import type { MetaAccount } from "../account/account.ts";
import { APP } from "../account/settings.ts";
import { GraphError, unknownObject } from "./errors.ts";

/** By which token a call comes: the system user's, or that of the app itself (`id|secret`). */
export type Caller = "user" | "app";

/** Who calls, which is known before a route is entered. */
export interface GraphEnv {
  Variables: { caller: Caller };
}

interface AccessOptions {
  account: MetaAccount;
  accessToken: string;
  businessAccountId: string;
  now: () => number;
}

export const MANAGEMENT_SCOPE = "whatsapp_business_management";
export const MESSAGING_SCOPE = "whatsapp_business_messaging";

/** The token of a call, from its header or, as Graph also takes it, from the query. */
export function tokenOf<E extends Env>(c: Context<E>): string {
  const token = c.req.header("Authorization")?.match(/^Bearer (.+)$/i)?.[1] ?? c.req.query("access_token");
  if (token === undefined) {
    throw new GraphError(0, {
      type: "AuthException",
      message: "An access token is required to request this resource.",
    });
  }
  return token;
}

/** What tokens may do, as it is set at Meta. */
export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** @throws GraphError 190 for an unknown or expired access token, 1 or 101 for one of an app */
  caller(token: string): Caller {
    if (token === this.#options.accessToken) {
      if (this.hasExpired()) throw expired();
      return "user";
    }
    const appToken = token.match(/^(\d+)\|(.*)$/);
    if (appToken === null) {
      throw new GraphError(190, { message: "Invalid OAuth access token - Cannot parse access token" });
    }
    const [, id, secret] = appToken;
    const { app_secret, token: settings } = this.#options.account.settings;
    if (id !== APP.id && id !== settings.app_id) throw new GraphError(101);
    // The secret is that of this deployment's app, whichever app the access token belongs to.
    if (id !== APP.id || secret !== app_secret) {
      throw new GraphError(1, { message: "Error validating client secret." });
    }
    return "app";
  }

  hasExpired(): boolean {
    const { expires_at } = this.#options.account.settings.token;
    return expires_at !== 0 && expires_at * 1000 <= this.#options.now();
  }

  /** @throws GraphError 15 for a call that only the app itself may make */
  requireApp(caller: Caller): void {
    if (caller === "app") return;
    throw new GraphError(15, { message: "(#15) This method must be called with an app access_token." });
  }

  /** @throws GraphError for a token without the scope, or whose user is not assigned to the account */
  requireAccount(caller: Caller, method: string, id: string): void {
    this.requireScope(caller, MANAGEMENT_SCOPE);
    if (!this.#options.account.settings.token.wabas.includes(id)) throw unknownObject(method, id);
  }

  /** As for an account; the number is reached through its own account and through the one of this deployment. */
  requireNumber(caller: Caller, method: string, id: string, scope: string): void {
    this.requireScope(caller, scope);
    const { number_waba, token } = this.#options.account.settings;
    const isReached = [number_waba, this.#options.businessAccountId].some((account) =>
      token.wabas.includes(account),
    );
    if (!isReached) throw unknownObject(method, id);
  }

  /** @throws GraphError 10 or 200: which one it is depends on the call at Meta */
  requireScope(caller: Caller, scope: string): void {
    if (caller === "user" && this.#options.account.settings.token.scopes.includes(scope)) return;
    throw scope === MESSAGING_SCOPE ? new GraphError(10) : new GraphError(200);
  }

  /** @throws GraphError 100 for a user who may send and read, but not manage templates */
  requireTemplateTask(): void {
    const { tasks } = this.#options.account.settings.token;
    if (tasks.includes("MANAGE") || tasks.includes("MANAGE_TEMPLATES")) return;
    throw new GraphError(100, {
      message:
        "(#100) Need permission on either WhatsApp Business Account or owning business to manage message templates",
    });
  }
}

/** The answer to a token that has ended. */
export function expired(): GraphError {
  return new GraphError(190, {
    subcode: 463,
    message: "Error validating access token: Session has expired.",
  });
}

/** @throws GraphError for a token that Graph refuses; debug_token says it in its own way */
export function callerOf(path: string, token: string, access: Access, accessToken: string): Caller {
  try {
    return access.caller(token);
  } catch (error) {
    const isOfApp = token !== accessToken && token.includes("|");
    if (path === "debug_token" && isOfApp) {
      throw new GraphError(190, { status: 400, message: "Invalid OAuth access token signature." });
    }
    throw error;
  }
}
