import { EVENT_TYPES, type EventType } from "../events/event.ts";
import type { Background } from "../platform/background.ts";
import { log } from "../platform/log.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { WebhookEndpoints } from "./endpoints.ts";

const ALL: ReadonlySet<EventType> = new Set(EVENT_TYPES);

/** An answer this young is given without asking anew. */
const FRESH_MS = MINUTE_MS;

/** An answer this old is not given any more unless D1 fails: an isolate may have slept for hours. */
const STALE_MS = 5 * MINUTE_MS;

/** A database that hangs has failed. A user waits for the code meanwhile. */
const PATIENCE_MS = 1_000;

/** After a failure the database is left alone for so long; and a refresh has so long before another begins. */
const PAUSE_MS = 5_000;

interface Known {
  readonly types: ReadonlySet<EventType>;
  readonly readAt: number;
  readonly changes: number;
}

/**
 * Knows which types of events any enabled endpoint wants, from the isolate's memory. What nobody wants is
 * never sent, so that a team without endpoints pays for no queue.
 */
export class Subscriptions {
  readonly #endpoints: WebhookEndpoints;
  #known: Known | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(endpoints: WebhookEndpoints) {
    this.#endpoints = endpoints;
  }

  /**
   * A change is known everywhere after {@link STALE_MS} at the latest, and at once where it was made. When
   * D1 fails, the last answer holds; where there is none, every type is wanted, so that nothing is lost.
   *
   * @param background Takes the refresh of an answer that is given at once.
   */
  async subscribedTypes(background: Background): Promise<ReadonlySet<EventType>> {
    const known = this.#known;
    const now = Date.now();
    const isCurrent = known?.changes === this.#endpoints.changes;
    const age = isCurrent ? now - known.readAt : Number.POSITIVE_INFINITY;
    if (age >= STALE_MS && now - this.#failedAt >= PAUSE_MS) {
      await withPatience(this.#read());
    } else if (age >= FRESH_MS && now - this.#refreshedAt >= PAUSE_MS) {
      this.#refreshedAt = now;
      background(this.#read());
    }
    return this.#known?.types ?? ALL;
  }

  /**
   * Never an exception: whoever asks has better things to do. Requests do not share a read either, for one
   * that ends early would take it along.
   */
  async #read(): Promise<void> {
    const { changes } = this.#endpoints;
    try {
      const enabled = (await this.#endpoints.list()).filter(({ status }) => status === "enabled");
      const types = new Set(enabled.flatMap(({ eventTypes }) => eventTypes ?? EVENT_TYPES));
      this.#known = { types, readAt: Date.now(), changes };
    } catch (error) {
      this.#failedAt = Date.now();
      log("error", "The webhook endpoints could not be read", { error: String(error) });
    }
  }
}

async function withPatience(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<void>((resume) => {
    timer = setTimeout(resume, PATIENCE_MS);
  });
  await Promise.race([work, tooLong]);
  clearTimeout(timer);
}
