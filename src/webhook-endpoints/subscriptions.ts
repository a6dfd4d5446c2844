import * as z from "zod";
import { EVENT_TYPES, type EventType } from "../events/event.ts";
import type { Background } from "../platform/async.ts";
import { IsolateCache } from "../platform/isolate-cache.ts";
import { log } from "../platform/log.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { WebhookEndpoints } from "./endpoints.ts";

const ALL: ReadonlySet<EventType> = new Set(EVENT_TYPES);

const FRESH_MS = MINUTE_MS;

/** An older answer is only given when KV fails: an isolate may have been idle for hours. */
const STALE_MS = 5 * MINUTE_MS;

/** A user waits for the code meanwhile. */
const TIMEOUT_MS = 1_000;

const RETRY_MS = 5_000;

/** In the namespace of the API keys, whose names begin otherwise. */
const KEY = "subscribed_types";
const KV_CACHE_SECONDS = 30;
/** KV takes one write a second to a key. */
const KV_PAUSE_MS = 1_100;

/** Null for every type, including those of later versions. */
const stored = () => z.object({ types: z.array(z.string()).nullable() });

/**
 * Knows which types of events the enabled endpoints subscribe to, from the isolate's memory. An event without
 * a subscriber is never sent, so that a team without endpoints pays for no queue. The types are written to KV with each
 * change of an endpoint, so that many isolates do not ask the database, and its outage does not make them send everything.
 */
export class Subscriptions {
  readonly #endpoints: WebhookEndpoints;
  readonly #namespace: KVNamespace;
  readonly #types: IsolateCache<ReadonlySet<EventType>>;

  constructor(endpoints: WebhookEndpoints, namespace: KVNamespace) {
    this.#endpoints = endpoints;
    this.#namespace = namespace;
    this.#types = new IsolateCache(() => this.#read(), {
      freshMs: FRESH_MS,
      staleMs: STALE_MS,
      retryMs: RETRY_MS,
      timeoutMs: TIMEOUT_MS,
      fallback: { value: ALL, message: "The types of events with a subscriber could not be read" },
    });
  }

  /**
   * A change is known a minute or two after it is in KV to an isolate with steady traffic, at once to the one that made it,
   * and to each {@link STALE_MS} later: an isolate that was idle for so long reads before it answers. When KV fails, the last
   * answer holds; without one it is every type, so that no event is lost.
   *
   * @param background Takes the refresh of an answer that is given at once.
   */
  async subscribedTypes(background: Background): Promise<ReadonlySet<EventType>> {
    return this.#types.get(background);
  }

  /** Writes the types to KV after a change. Rejects when D1 fails; what KV does not take, {@link reconcile} repeats. */
  async publish(): Promise<ReadonlySet<EventType>> {
    const types = await this.#wanted();
    const known = toSet(types);
    this.#types.set(known);
    try {
      await this.#write(types);
    } catch {
      // Most likely another change of this second.
      await new Promise((resume) => setTimeout(resume, KV_PAUSE_MS));
      await this.reconcile().catch((error) =>
        log("error", "The types of events with a subscriber could not be stored", { error: String(error) }),
      );
    }
    return known;
  }

  /** Corrects what KV has; for the schedule. Rejects when D1 or KV fails. */
  async reconcile(): Promise<void> {
    const [types, kept] = await Promise.all([this.#wanted(), this.#namespace.get(KEY)]);
    if (kept !== JSON.stringify({ types })) await this.#write(types);
  }

  async #read(): Promise<ReadonlySet<EventType>> {
    const value = await this.#namespace.get(KEY, { type: "json", cacheTtl: KV_CACHE_SECONDS });
    const kept = stored().safeParse(value);
    // The first time since an upgrade.
    return kept.success ? toSet(kept.data.types) : this.publish();
  }

  async #wanted(): Promise<readonly string[] | null> {
    const enabled = (await this.#endpoints.list(null)).filter(({ status }) => status === "enabled");
    if (enabled.some(({ eventTypes }) => eventTypes === null)) return null;
    return [...new Set(enabled.flatMap(({ eventTypes }) => eventTypes ?? []))].sort();
  }

  #write(types: readonly string[] | null): Promise<void> {
    return this.#namespace.put(KEY, JSON.stringify({ types }));
  }
}

function toSet(types: readonly string[] | null): ReadonlySet<EventType> {
  return types === null ? ALL : new Set(EVENT_TYPES.filter((type) => types.includes(type)));
}
