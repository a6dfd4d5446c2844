import * as z from "zod";
import { EVENT_TYPES, type EventType } from "../events/event.ts";
import { type AppName, type AppScope, storedAppName } from "../ids/app-name.ts";
import { randomId } from "../ids/id.ts";
import { type IdempotencyRequest, KEY_LIFETIME_MS } from "../ids/idempotency-key.ts";
import type { Keyring } from "../platform/keyring.ts";
import { type BatchSettings, storedBatch } from "./batch-settings.ts";
import { EndpointSecrets, type LiveSecrets, ROTATION_MS } from "./secrets.ts";

/** Of one app. Every event costs a row and a message per endpoint; more receivers than this belong behind a message broker. */
export const MAX_ENDPOINTS = 20;

const ID_BYTES = 16;

/** Why an endpoint is disabled: by request, because it answered 410 Gone, or because it failed for five days. */
export const DISABLED_REASONS = ["by_request", "gone", "failing"] as const;

/** A receiver of events, without its secrets. */
export type WebhookEndpoint = z.output<typeof endpointRow>;

/** The fields of an endpoint that its owner can change; those that are undefined stay. */
export interface EndpointChanges {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  /** Null for every type, including those of later versions. */
  readonly eventTypes?: WebhookEndpoint["eventTypes"] | undefined;
  readonly status?: WebhookEndpoint["status"] | undefined;
  /** Null for a request for each event. */
  readonly batch?: BatchSettings | null | undefined;
}

export interface NewEndpoint {
  readonly app: AppName;
  readonly url: string;
  readonly description: string;
  readonly eventTypes: WebhookEndpoint["eventTypes"];
  readonly batch: BatchSettings | null;
}

export type Creation =
  | ({ readonly kind: "created" } & WithSecret)
  /** The app has {@link MAX_ENDPOINTS} already. */
  | { readonly kind: "too_many" }
  /** The idempotency key was used for another request. */
  | { readonly kind: "idempotency_mismatch" };

/** An endpoint with a new secret, which cannot be read again. */
export interface WithSecret {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}

/** An endpoint with the secrets that sign requests to it. */
export interface Target {
  readonly endpoint: WebhookEndpoint;
  readonly secrets: LiveSecrets;
}

const knownTypes: ReadonlySet<string> = new Set(EVENT_TYPES);
const isKnown = (type: string): type is EventType => knownTypes.has(type);

/** A type that only another version of this service knows is ignored, so that the others stay subscribed. */
const eventTypes = z
  .string()
  .nullable()
  .transform((json) => (json === null ? null : z.array(z.string()).parse(JSON.parse(json)).filter(isKnown)));

/** A row of `webhook_endpoints`, without the sealed secrets. */
const endpointRow = z
  .object({
    id: z.string(),
    app: z.string().transform(storedAppName),
    url: z.string(),
    description: z.string(),
    event_types: eventTypes,
    previous_secret_expires_at: z.number().nullable(),
    status: z.enum(["enabled", "disabled"]),
    disabled_reason: z.enum(DISABLED_REASONS).nullable(),
    failing_since: z.number().nullable(),
    /** Missing until migration 0014. */
    slowness: z.number().default(0),
    created_at: z.number(),
    // Absent until the migration has run.
    batch: z.string().nullish().transform(storedBatch),
    has_lane: z.number().nullish(),
  })
  .transform((row) => ({
    id: row.id,
    app: row.app,
    url: row.url,
    description: row.description,
    status: row.status,
    eventTypes: row.event_types,
    previousSecretExpiresAt: row.previous_secret_expires_at,
    disabledReason: row.disabled_reason,
    failingSince: row.failing_since,
    slowness: row.slowness,
    createdAt: row.created_at,
    batch: row.batch,
    /** Whether it takes batches, or did: its lane may have deliveries. */
    hasLane: row.has_lane === 1,
  }));

/** The app that may see a row, or every app where the parameter ?2 is null. */
const IN_SCOPE = "(?2 IS NULL OR app = ?2)";

/** The webhook endpoints in D1, as their owners manage them. An endpoint of another app is one that does not exist. */
export class WebhookEndpoints {
  readonly #db: D1Database;
  readonly #secrets: EndpointSecrets;
  readonly #onChange: () => Promise<void>;

  /** @param onChange Called after each change, before the caller learns of it. */
  constructor(db: D1Database, keyring: Keyring, onChange: () => Promise<void>) {
    this.#db = db;
    this.#secrets = new EndpointSecrets(keyring);
    this.#onChange = onChange;
  }

  /**
   * Creates an enabled endpoint with a new secret, in one statement, so that two requests with the same idempotency key
   * create one endpoint.
   */
  async create(
    { app, url, description, eventTypes: types, batch }: NewEndpoint,
    idempotency: IdempotencyRequest | null,
  ): Promise<Creation> {
    const id = randomId("whe_", ID_BYTES);
    const { secret, sealed } = this.#secrets.draw(id);
    const now = Date.now();
    const row = await this.#write(
      `INSERT INTO webhook_endpoints (id, url, description, event_types, secret, status, created_at, app,
         idempotency_key, idempotency_content${batch === null ? "" : ", batch, has_lane"})
       SELECT ?1, ?2, ?3, ?4, ?5, 'enabled', ?6, ?8, ?9, ?10${batch === null ? "" : ", ?12, 1"}
       WHERE (SELECT count(*) FROM webhook_endpoints WHERE app = ?8) < ?7
         AND NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE idempotency_key = ?9 AND created_at > ?11)
       RETURNING *`,
      id,
      url,
      description,
      types && JSON.stringify(types),
      sealed,
      now,
      MAX_ENDPOINTS,
      app,
      idempotency?.key ?? null,
      idempotency?.content ?? null,
      now - KEY_LIFETIME_MS,
      ...(batch === null ? [] : [JSON.stringify(batch)]),
    );
    if (row !== null) return { kind: "created", endpoint: endpointRow.parse(row), secret };
    return (idempotency && (await this.#createdBefore(idempotency, now))) ?? { kind: "too_many" };
  }

  /** What the first request with this idempotency key created; null when there was none. */
  async #createdBefore({ key, content }: IdempotencyRequest, now: number): Promise<Creation | null> {
    const row = await this.#db
      .prepare("SELECT * FROM webhook_endpoints WHERE idempotency_key = ?1 AND created_at > ?2")
      .bind(key, now - KEY_LIFETIME_MS)
      .first<{ idempotency_content: string }>();
    if (row === null) return null;
    if (row.idempotency_content !== content) return { kind: "idempotency_mismatch" };
    const [secret] = this.#secrets.live(row, now);
    return { kind: "created", endpoint: endpointRow.parse(row), secret };
  }

  /** Lists the endpoints of an app, or of every app, oldest first. */
  async list(scope: AppScope): Promise<WebhookEndpoint[]> {
    const { results } = await this.#db
      .prepare("SELECT * FROM webhook_endpoints WHERE ?1 IS NULL OR app = ?1 ORDER BY created_at, id")
      .bind(scope)
      .run();
    return results.map((row) => endpointRow.parse(row));
  }

  /** Null when there is no such endpoint. */
  async get(id: string, scope: AppScope): Promise<WebhookEndpoint | null> {
    const row = await this.#read(id, scope);
    return row && endpointRow.parse(row);
  }

  /** Reads an endpoint with the secrets in force at a time (milliseconds since the epoch); null when there is none. */
  async target(id: string, scope: AppScope, now: number): Promise<Target | null> {
    const row = await this.#read(id, scope);
    return row && { endpoint: endpointRow.parse(row), secrets: this.#secrets.live(row, now) };
  }

  /** Reads several endpoints like {@link target}, by their ids. */
  async targets(ids: readonly string[], now: number): Promise<ReadonlyMap<string, Target>> {
    const { results } = await this.#db
      .prepare("SELECT * FROM webhook_endpoints WHERE id IN (SELECT value FROM json_each(?1))")
      .bind(JSON.stringify(ids))
      .run();
    const targets = results.map((row) => ({
      endpoint: endpointRow.parse(row),
      secrets: this.#secrets.live(row, now),
    }));
    return new Map(targets.map((target) => [target.endpoint.id, target]));
  }

  /**
   * Changes an endpoint; null when there is none. A new address, or enabling it again, clears `failingSince`: earlier
   * failures say nothing about it any more.
   */
  async update(id: string, scope: AppScope, changes: EndpointChanges): Promise<WebhookEndpoint | null> {
    const columns = columnsOf(changes);
    // Assigning the id to itself keeps the statement valid when nothing changes.
    const assignments = ["id = ?1", ...columns.map(([name], index) => `${name} = ?${index + 3}`)];
    const row = await this.#write(
      `UPDATE webhook_endpoints SET ${assignments.join(", ")} WHERE id = ?1 AND ${IN_SCOPE} RETURNING *`,
      id,
      scope,
      ...columns.map(([, value]) => value),
    );
    return row && endpointRow.parse(row);
  }

  /** Deletes an endpoint. Its deliveries stay for the retention; pending ones fail when they become due. */
  async delete(id: string, scope: AppScope): Promise<boolean> {
    const sql = `DELETE FROM webhook_endpoints WHERE id = ?1 AND ${IN_SCOPE} RETURNING id`;
    return (await this.#write(sql, id, scope)) !== null;
  }

  /**
   * Replaces the secret; the previous one keeps signing for {@link ROTATION_MS}. Only two are live at a time, so
   * that rotating twice ends a leaked secret at once. Null when there is no such endpoint.
   */
  async rotate(id: string, scope: AppScope, now: number): Promise<WithSecret | null> {
    const { secret, sealed } = this.#secrets.draw(id);
    const row = await this.#write(
      `UPDATE webhook_endpoints SET previous_secret = secret, previous_secret_expires_at = ?4, secret = ?3
       WHERE id = ?1 AND ${IN_SCOPE} RETURNING *`,
      id,
      scope,
      sealed,
      now + ROTATION_MS,
    );
    return row && { endpoint: endpointRow.parse(row), secret };
  }

  /** See {@link EndpointSecrets.reseal}. */
  reseal(): Promise<void> {
    return this.#secrets.reseal(this.#db);
  }

  #read(id: string, scope: AppScope) {
    const sql = `SELECT * FROM webhook_endpoints WHERE id = ?1 AND ${IN_SCOPE}`;
    return this.#db.prepare(sql).bind(id, scope).first();
  }

  async #write(sql: string, ...values: readonly (string | number | null)[]) {
    const statement = this.#db.prepare(sql).bind(...values);
    const row = await statement.first();
    if (row !== null) await this.#onChange();
    return row;
  }
}

/** The columns that changes assign. */
function columnsOf(
  changes: EndpointChanges,
): readonly (readonly [name: string, value: string | number | null])[] {
  const { url, description, eventTypes: types, status, batch } = changes;
  const columns = new Map<string, string | number | null>();
  if (url !== undefined) columns.set("url", url).set("failing_since", null);
  if (description !== undefined) columns.set("description", description);
  if (types !== undefined) columns.set("event_types", types && JSON.stringify(types));
  if (status === "enabled")
    columns.set("status", status).set("disabled_reason", null).set("failing_since", null);
  if (status === "disabled") columns.set("status", status).set("disabled_reason", "by_request");
  if (batch !== undefined) columns.set("batch", batch && JSON.stringify(batch));
  // It stays when batches end: deliveries may be left.
  if (batch) columns.set("has_lane", 1);
  return [...columns];
}
