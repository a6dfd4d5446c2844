import { MINUTE_MS } from "../platform/time.ts";
import type { OAuthClient } from "./oauth-client.ts";
import type { OAuthClients, OpenedClient } from "./oauth-clients.ts";

/** A change is everywhere within two minutes: KV's own cache comes on top. */
const FRESH_MS = MINUTE_MS;
const MOST_KEPT = 500;

/** The register of clients as each sign-in reads it: from this isolate's memory, for a minute at most. */
export class RegisteredClients {
  readonly #clients: Pick<OAuthClients, "open">;
  /** The client that was read longest ago comes first. Unknown ids are not kept: there is no end of them. */
  readonly #kept = new Map<string, { readonly opened: OpenedClient; readonly readAt: number }>();

  constructor(clients: Pick<OAuthClients, "open">) {
    this.#clients = clients;
  }

  /** A client of any app; null for an unknown id. */
  async get(id: string): Promise<OAuthClient | null> {
    return (await this.#open(id))?.client ?? null;
  }

  /** Whether a text is a secret of the client: the current one, or for a day the one before it. */
  async authenticate(id: string, secret: string): Promise<boolean> {
    return (await this.#open(id))?.isSecret(secret, Date.now()) ?? false;
  }

  async #open(id: string): Promise<OpenedClient | null> {
    const now = Date.now();
    const kept = this.#kept.get(id);
    if (kept !== undefined && now < kept.readAt + FRESH_MS) return kept.opened;
    const opened = await this.#clients.open(id);
    this.#kept.delete(id);
    if (opened === null) return null;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(id, { opened, readAt: now });
    return opened;
  }
}
