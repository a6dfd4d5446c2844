import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { type AppName, DEFAULT_APP, parseAppName } from "../ids/app-name.ts";
import { makeId, randomId } from "../ids/id.ts";
import { IsolateCache } from "../platform/isolate-cache.ts";
import { type Caller, OPERATOR, SCOPES, type Scope } from "./caller.ts";

const storedKey = z.object({
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: z.number(),
  /** Absent in keys that were created before there were apps. */
  app: z
    .string()
    .default(DEFAULT_APP)
    .transform((text, context) => {
      const app = parseAppName(text);
      if (app !== null) return app;
      context.issues.push({ code: "custom", input: text, message: "This is no app's name." });
      return z.NEVER;
    }),
});

/** A key without its secret. */
export type ApiKey = z.output<typeof storedKey> & { readonly id: string };

export interface ApiKeyPage {
  readonly keys: readonly ApiKey[];
  readonly next: string | null;
}

const KEY_PATTERN = /^sandi_[0-9a-hjkmnp-tv-z]{32}$/;
const ID_PATTERN = /^key_[0-9a-hjkmnp-tv-z]{32}$/;
/** 160 bits: too many keys to find one by its digest. */
const KEY_BYTES = 20;
const PREFIX = "keys/";

/** How long an isolate keeps a key; KV may serve a cached copy for as long again. */
const FRESH_MS = 30_000;
const KV_CACHE_SECONDS = 30;

/**
 * API keys in KV. Only a digest is stored, as the entry's name: reading the store does not reveal a key, and
 * looking one up compares no secret in variable time. A revoked key stops working everywhere within two minutes.
 */
export class ApiKeys {
  readonly #namespace: KVNamespace;
  readonly #adminDigest: Buffer;
  readonly #operator: Caller;
  /** By the key's id; entries of unknown keys are dropped, so that guesses do not fill the memory. */
  readonly #callers = new Map<string, IsolateCache<Caller | null>>();

  constructor(namespace: KVNamespace, adminKey: string) {
    this.#namespace = namespace;
    this.#adminDigest = digest(adminKey);
    this.#operator = { id: OPERATOR, name: OPERATOR, scopes: SCOPES, app: DEFAULT_APP, reach: null };
  }

  /** Authenticates the caller of `Authorization: Bearer <key>`; null when the key is missing, unknown or revoked. */
  async authenticate(authorization: string | null): Promise<Caller | null> {
    const key = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (key === undefined) return null;
    if (timingSafeEqual(digest(key), this.#adminDigest)) return this.#operator;
    if (!KEY_PATTERN.test(key)) return null;

    const id = idOf(key);
    const caller = this.#callerOf(id).get();
    return caller instanceof Promise ? this.#forgetUnknown(id, caller) : caller;
  }

  #callerOf(id: string): IsolateCache<Caller | null> {
    const known = this.#callers.get(id);
    if (known !== undefined) return known;
    const cache = new IsolateCache(() => this.#read(id), { freshMs: FRESH_MS });
    this.#callers.set(id, cache);
    return cache;
  }

  async #forgetUnknown(id: string, reading: Promise<Caller | null>): Promise<Caller | null> {
    let caller: Caller | null = null;
    try {
      caller = await reading;
    } finally {
      if (caller === null) this.#callers.delete(id);
    }
    return caller;
  }

  async #read(id: string): Promise<Caller | null> {
    const stored = await this.#namespace.get(PREFIX + id, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    const read = storedKey.safeParse(stored);
    if (!read.success) return null;
    const { name, scopes, app } = read.data;
    return { id, name, scopes, app, reach: app };
  }

  /** Creates a key. The result is the only place that contains its text. */
  async create(
    name: string,
    scopes: readonly Scope[],
    app: AppName = DEFAULT_APP,
  ): Promise<ApiKey & { readonly key: string }> {
    const key = randomId("sandi_", KEY_BYTES);
    const stored = { name, scopes: [...scopes], createdAt: Date.now(), app };
    const id = idOf(key);
    // The metadata is a second copy, so that a list needs no read for each of its entries.
    await this.#namespace.put(PREFIX + id, JSON.stringify(stored), { metadata: stored });
    return { id, ...stored, key };
  }

  /** Lists a page of keys, in the order of their ids. */
  async list(limit: number, after: string | null): Promise<ApiKeyPage> {
    const page = await this.#namespace.list({ prefix: PREFIX, limit, cursor: after });
    const keys = page.keys.flatMap(({ name, metadata }) => {
      const read = storedKey.safeParse(metadata);
      return read.success ? [{ id: name.slice(PREFIX.length), ...read.data }] : [];
    });
    return { keys, next: page.list_complete ? null : page.cursor };
  }

  /** Revokes a key; false when no key has the id. */
  async revoke(id: string): Promise<boolean> {
    if (!ID_PATTERN.test(id) || (await this.#namespace.get(PREFIX + id)) === null) return false;
    await this.#namespace.delete(PREFIX + id);
    this.#callers.delete(id);
    return true;
  }
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** 160 bits of the key's SHA-256: as many as the secret has, so that the id identifies the key. */
function idOf(key: string): string {
  return makeId("key_", digest(key).subarray(0, KEY_BYTES));
}
