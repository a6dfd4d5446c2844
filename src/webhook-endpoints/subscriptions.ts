import { EVENT_TYPES, type EventType } from "../events/event.ts";
import type { Background } from "../platform/async.ts";
import { IsolateCache } from "../platform/isolate-cache.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { WebhookEndpoints } from "./endpoints.ts";

const ALL: ReadonlySet<EventType> = new Set(EVENT_TYPES);

const FRESH_MS = MINUTE_MS;

/** An older answer is only given when D1 fails: an isolate may have been idle for hours. */
const STALE_MS = 5 * MINUTE_MS;

/** A user waits for the code meanwhile. */
const TIMEOUT_MS = 1_000;

const RETRY_MS = 5_000;

/**
 * Knows which types of events the enabled endpoints subscribe to, from the isolate's memory. An event without
 * a subscriber is never sent, so that a team without endpoints pays for no queue.
 */
export class Subscriptions {
  readonly #endpoints: WebhookEndpoints;
  readonly #types: IsolateCache<ReadonlySet<EventType>>;
  #changes: number;

  constructor(endpoints: WebhookEndpoints) {
    this.#endpoints = endpoints;
    this.#changes = endpoints.changes;
    this.#types = new IsolateCache(() => this.#read(), {
      freshMs: FRESH_MS,
      staleMs: STALE_MS,
      retryMs: RETRY_MS,
      timeoutMs: TIMEOUT_MS,
      fallback: { value: ALL, message: "The webhook endpoints could not be read" },
    });
  }

  /**
   * A change is known everywhere after {@link STALE_MS} at the latest, and at once in the isolate that made it.
   * When D1 fails, the last answer holds; without one it is every type, so that no event is lost.
   *
   * @param background Takes the refresh of an answer that is given at once.
   */
  async subscribedTypes(background: Background): Promise<ReadonlySet<EventType>> {
    if (this.#changes !== this.#endpoints.changes) {
      this.#changes = this.#endpoints.changes;
      this.#types.expire();
    }
    return this.#types.get(background);
  }

  async #read(): Promise<ReadonlySet<EventType>> {
    const enabled = (await this.#endpoints.list(null)).filter(({ status }) => status === "enabled");
    return new Set(enabled.flatMap(({ eventTypes }) => eventTypes ?? EVENT_TYPES));
  }
}
