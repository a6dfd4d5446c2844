import { base32 } from "../ids/base32.ts";
import type { Keyring } from "../platform/keyring.ts";
import { type EndpointChanges, endpointRow, type WebhookEndpoint } from "./endpoint.ts";
import { EndpointSecrets, type LiveSecrets, ROTATION_MS } from "./secrets.ts";

/** Each costs a row and a message for every event it wants; more than this is a job for a broker behind one of them. */
export const MOST_ENDPOINTS = 20;

const ID_BYTES = 16;

/** An endpoint and the secret that was just made for it: it can be read nowhere else. */
export interface WithSecret {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}

/** What it takes to send to an endpoint. */
export interface Target {
  readonly endpoint: WebhookEndpoint;
  readonly secrets: LiveSecrets;
}

/** The webhook endpoints in D1, as their owners manage them. */
export class WebhookEndpoints {
  readonly #db: D1Database;
  readonly #secrets: EndpointSecrets;
  #changes = 0;

  constructor(db: D1Database, keyring: Keyring) {
    this.#db = db;
    this.#secrets = new EndpointSecrets(keyring);
  }

  /** Grows with every change that this isolate makes: what was remembered from before is out of date. */
  get changes(): number {
    return this.#changes;
  }

  /** Null when there are as many as there may be. */
  async create(
    url: string,
    description: string,
    types: WebhookEndpoint["eventTypes"],
  ): Promise<WithSecret | null> {
    const id = `whe_${base32(crypto.getRandomValues(new Uint8Array(ID_BYTES)))}`;
    const { secret, sealed } = this.#secrets.draw(id);
    const row = await this.#write(
      `INSERT INTO webhook_endpoints (id, url, description, event_types, secret, status, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, 'enabled', ?6 WHERE (SELECT count(*) FROM webhook_endpoints) < ?7
       RETURNING *`,
      id,
      url,
      description,
      types && JSON.stringify(types),
      sealed,
      Date.now(),
      MOST_ENDPOINTS,
    );
    return row && { endpoint: endpointRow.parse(row), secret };
  }

  /** All of them, oldest first. */
  async list(): Promise<WebhookEndpoint[]> {
    const { results } = await this.#db
      .prepare("SELECT * FROM webhook_endpoints ORDER BY created_at, id")
      .run();
    return results.map((row) => endpointRow.parse(row));
  }

  async get(id: string): Promise<WebhookEndpoint | null> {
    const row = await this.#read(id);
    return row && endpointRow.parse(row);
  }

  /** An endpoint with the secrets in force at that time; null when there is none of that id. */
  async target(id: string, now: number): Promise<Target | null> {
    const row = await this.#read(id);
    return row && { endpoint: endpointRow.parse(row), secrets: this.#secrets.live(row, now) };
  }

  /**
   * Null when there is none of that id. Another address, or enabling it again, starts with a clean slate:
   * what failed before does not count any more.
   */
  async update(id: string, changes: EndpointChanges): Promise<WebhookEndpoint | null> {
    const { url, description, eventTypes, status } = changes;
    const columns: Readonly<Record<string, string | null>> = {
      // An assignment that is none: there is always something to return.
      id,
      ...(url !== undefined && { url, failing_since: null }),
      ...(description !== undefined && { description }),
      ...(eventTypes !== undefined && { event_types: eventTypes && JSON.stringify(eventTypes) }),
      ...(status === "enabled" && { status, disabled_reason: null, failing_since: null }),
      ...(status === "disabled" && { status, disabled_reason: "by_request" }),
    };
    const assignments = Object.keys(columns).map((name, index) => `${name} = ?${index + 1}`);
    const row = await this.#write(
      `UPDATE webhook_endpoints SET ${assignments.join(", ")} WHERE id = ?1 RETURNING *`,
      ...Object.values(columns),
    );
    return row && endpointRow.parse(row);
  }

  /** Its deliveries stay until their time is over; what is still pending of them is given up when its turn comes. */
  async delete(id: string): Promise<boolean> {
    return (await this.#write("DELETE FROM webhook_endpoints WHERE id = ?1 RETURNING id", id)) !== null;
  }

  /**
   * Puts a new secret in force and lets the one before live on for {@link ROTATION_MS}. Only two live at a
   * time: rotating twice ends a leaked secret at once.
   */
  async rotate(id: string, now: number): Promise<WithSecret | null> {
    const { secret, sealed } = this.#secrets.draw(id);
    const row = await this.#write(
      `UPDATE webhook_endpoints SET previous_secret = secret, previous_secret_expires_at = ?3, secret = ?2
       WHERE id = ?1 RETURNING *`,
      id,
      sealed,
      now + ROTATION_MS,
    );
    return row && { endpoint: endpointRow.parse(row), secret };
  }

  /** See {@link EndpointSecrets.reseal}. */
  reseal(): Promise<void> {
    return this.#secrets.reseal(this.#db);
  }

  #read(id: string) {
    return this.#db.prepare("SELECT * FROM webhook_endpoints WHERE id = ?1").bind(id).first();
  }

  async #write(sql: string, ...values: readonly (string | number | null)[]) {
    const statement = this.#db.prepare(sql).bind(...values);
    const row = await statement.first();
    this.#changes += 1;
    return row;
  }
}
