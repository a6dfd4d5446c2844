import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { type AppScope, covers } from "../ids/app-name.ts";
import { idPattern, randomId } from "../ids/id.ts";
import type { Fault } from "../platform/problem.ts";
import { DAY_MS } from "../platform/time.ts";
import {
  faultOfChange,
  faultOfNewClient,
  isConfidential,
  type NewClient,
  type OAuthClient,
  type Registration,
  sectorOfNewClient,
  storedClient,
} from "./oauth-client.ts";

/** The secrets of a client as digests; the previous one ends. None for a client that has no secret. */
const storedSecrets = z.object({
  current: z.string(),
  previous: z.object({ digest: z.string(), expiresAt: z.number() }).nullable(),
});

const storedEntry = z.object({ client: storedClient, secrets: storedSecrets.nullable() });
type StoredEntry = z.output<typeof storedEntry>;

export interface OAuthClientPage {
  readonly clients: readonly OAuthClient[];
  readonly next: string | null;
}

/** A client with a new secret, which cannot be read again. */
export interface ClientWithSecret {
  readonly client: OAuthClient;
  readonly secret: string;
}

/** A client, and whether a text is one of its secrets at a time. */
export interface OpenedClient {
  readonly client: OAuthClient;
  readonly isSecret: (text: string, now: number) => boolean;
}

type Invalid = { readonly kind: "invalid"; readonly fault: Fault };
type NotFound = { readonly kind: "not_found" };

const ID_PREFIX = "cli_";
const ID_BYTES = 16;
const ID_PATTERN = idPattern(ID_PREFIX);
const SECRET_BYTES = 32;
const KEY_PREFIX = "clients/";
/** What KV allows an entry's metadata to have. */
const LARGEST_METADATA_BYTES = 1024;
/** As short as KV allows: a change is read everywhere within a minute. */
const KV_CACHE_SECONDS = 30;

/** How long the secret before a rotation is still accepted. */
export const OVERLAP_MS = DAY_MS;

/** The clients in KV, as administrators manage them. A client of another app is one that does not exist. */
export class OAuthClients {
  readonly #namespace: KVNamespace;

  constructor(namespace: KVNamespace) {
    this.#namespace = namespace;
  }

  /** Registers a client. The result is the only place that contains its secret; null for a client that has none. */
  async create(
    asked: NewClient,
  ): Promise<
    Invalid | { readonly kind: "created"; readonly client: OAuthClient; readonly secret: string | null }
  > {
    const fault = faultOfNewClient(asked);
    if (fault !== null) return { kind: "invalid", fault };
    const id = randomId(ID_PREFIX, ID_BYTES);
    const secret = isConfidential(asked) ? newSecret() : null;
    const client = { ...asked, sector: sectorOfNewClient(asked), createdAt: Date.now() };
    const secrets = secret === null ? null : { current: digest(secret), previous: null };
    return { kind: "created", client: await this.#write(id, { client, secrets }), secret };
  }

  /** Reads a client; null when there is none in reach. */
  async read(id: string, scope: AppScope): Promise<OAuthClient | null> {
    const entry = await this.#find(id, scope);
    return entry === null ? null : toClient(id, entry);
  }

  /** Reads a client of any app for the endpoints of sign-in, with what tells its secrets. */
  async open(id: string): Promise<OpenedClient | null> {
    const entry = await this.#find(id, null);
    if (entry === null) return null;
    const { secrets } = entry;
    const isSecret = (text: string, now: number) => secrets !== null && accepts(secrets, digest(text), now);
    return { client: toClient(id, entry), isSecret };
  }

  /** Lists a page of clients, in the order of their ids. A page may have fewer than the limit where others have more. */
  async list(scope: AppScope, limit: number, after: string | null): Promise<OAuthClientPage> {
    const page = await this.#namespace.list({ prefix: KEY_PREFIX, limit, cursor: after });
    const found = await Promise.all(
      page.keys.map(async ({ name, metadata }) => {
        const id = name.slice(KEY_PREFIX.length);
        const entry = storedEntry.safeParse(metadata).data ?? (await this.#read(id));
        return entry !== null && covers(scope, entry.client.app) ? [toClient(id, entry)] : [];
      }),
    );
    return { clients: found.flat(), next: page.list_complete ? null : page.cursor };
  }

  /** Changes what is named; fields that are undefined stay. */
  async update(
    id: string,
    scope: AppScope,
    changes: { readonly [name in keyof Registration]?: Registration[name] | undefined },
  ): Promise<Invalid | NotFound | { readonly kind: "updated"; readonly client: OAuthClient }> {
    const entry = await this.#find(id, scope);
    if (entry === null) return { kind: "not_found" };
    const named = Object.entries(changes).filter(([, value]) => value !== undefined);
    const changed = { ...entry, client: { ...entry.client, ...Object.fromEntries(named) } };
    const fault = faultOfChange(toClient(id, entry), toClient(id, changed));
    if (fault !== null) return { kind: "invalid", fault };
    return { kind: "updated", client: await this.#write(id, changed) };
  }

  /** Deletes a client; false when there is none in reach. */
  async delete(id: string, scope: AppScope): Promise<boolean> {
    if ((await this.#find(id, scope)) === null) return false;
    await this.#namespace.delete(KEY_PREFIX + id);
    return true;
  }

  /** Gives a client a second secret. The one before it is accepted for {@link OVERLAP_MS}, an older one no longer. */
  async rotate(
    id: string,
    scope: AppScope,
  ): Promise<
    NotFound | { readonly kind: "without_secret" } | ({ readonly kind: "rotated" } & ClientWithSecret)
  > {
    const entry = await this.#find(id, scope);
    if (entry === null) return { kind: "not_found" };
    if (entry.secrets === null) return { kind: "without_secret" };
    const secret = newSecret();
    const previous = { digest: entry.secrets.current, expiresAt: Date.now() + OVERLAP_MS };
    const secrets = { current: digest(secret), previous };
    return { kind: "rotated", client: await this.#write(id, { ...entry, secrets }), secret };
  }

  async #find(id: string, scope: AppScope): Promise<StoredEntry | null> {
    const entry = ID_PATTERN.test(id) ? await this.#read(id) : null;
    return entry !== null && covers(scope, entry.client.app) ? entry : null;
  }

  async #read(id: string): Promise<StoredEntry | null> {
    const stored = await this.#namespace.get(KEY_PREFIX + id, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    return storedEntry.safeParse(stored).data ?? null;
  }

  async #write(id: string, entry: StoredEntry): Promise<OAuthClient> {
    const text = JSON.stringify(entry);
    // A second copy, so that a list needs no read for each of its entries but the largest.
    const isSmall = Buffer.byteLength(text) <= LARGEST_METADATA_BYTES;
    await this.#namespace.put(KEY_PREFIX + id, text, isSmall ? { metadata: entry } : {});
    return toClient(id, entry);
  }
}

function toClient(id: string, { client, secrets }: StoredEntry): OAuthClient {
  return { ...client, id, previousSecretExpiresAt: secrets?.previous?.expiresAt ?? null };
}

/** Compares in constant time, although a digest tells nothing about the secret. */
function accepts({ current, previous }: z.output<typeof storedSecrets>, given: string, now: number): boolean {
  const live = previous !== null && now < previous.expiresAt ? [current, previous.digest] : [current];
  return live.some((stored) => timingSafeEqual(Buffer.from(stored), Buffer.from(given)));
}

function newSecret(): string {
  return randomId("ocs_", SECRET_BYTES);
}

/** A secret is random and as long as its digest, so a slow hash would add nothing. */
function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
