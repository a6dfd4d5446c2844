import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { ShopClients } from "./clients.ts";
import type { Identity, PendingRequest } from "./relying-party.ts";

const COOKIE = "shop";

/** The oldest session ends when there are more. */
const MOST_SESSIONS = 1_000;

/** What the shop knows of a browser. */
export interface Session {
  readonly user: Identity | null;
  /** The confirmation of the order. */
  readonly receipt: Identity | null;
  /** Why the last request did not succeed. */
  readonly fault: string | null;
  readonly pending: (PendingRequest & { readonly by: keyof ShopClients }) | null;
}

const NEW: Session = { user: null, receipt: null, fault: null, pending: null };

/** The shop's sessions, in memory: a restart signs everyone out. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  read(c: Context): Session {
    return this.#sessions.get(getCookie(c, COOKIE) ?? "") ?? NEW;
  }

  /**
   * Changes the browser's session under a new id, so that a cookie that was there before the sign-in is
   * worth nothing after it (OWASP, Session Management Cheat Sheet).
   */
  change(c: Context, changes: Partial<Session>): void {
    const session = { ...this.read(c), ...changes };
    this.end(c);
    const id = randomBytes(16).toString("base64url");
    this.#sessions.set(id, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    setCookie(c, COOKIE, id, { httpOnly: true, sameSite: "Lax", path: "/shop" });
  }

  end(c: Context): void {
    this.#sessions.delete(getCookie(c, COOKIE) ?? "");
    deleteCookie(c, COOKIE, { path: "/shop" });
  }
}
