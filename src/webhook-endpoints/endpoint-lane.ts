import { DurableObject } from "cloudflare:workers";
import type { Event } from "../events/event.ts";
import { Keyring } from "../platform/keyring.ts";
import { runAlarm } from "../platform/record-version.ts";
import { isLoopbackUrl } from "../platform/secure-url.ts";
import type { BatchSettings } from "./batch-settings.ts";
import type { Delivery } from "./delivery.ts";
import { WebhookEndpoints } from "./endpoints.ts";
import { EndpointHealth } from "./health.ts";
import { Lane } from "./lane.ts";
import { type DeliveryQuery, listDeliveries, replayDelivery, replayFailed } from "./lane-deliveries.ts";
import { eventSeal } from "./lane-seal.ts";

/** How much one call deletes at most. */
const ROWS_PER_STEP = 100;

/**
 * The object of one endpoint that takes batches. A consumer hands over an endpoint's events in one call; they are stored
 * as one row before the call is answered, and the alarm posts them, up to six batches side by side.
 *
 * The events of a number leave in order: none leaves while an earlier one is unacknowledged. A batch that fails holds
 * back the later events of its own numbers and no others, and is repeated by the schedule of all deliveries.
 */
export class EndpointLane extends DurableObject<Env> {
  #lane: Lane | null = null;

  /** Takes over events, each once: a repeat of the last hour's is recognized among 20,000 events at least. */
  async add(events: readonly Event[], settings: BatchSettings): Promise<void> {
    this.#load().add(events, settings);
  }

  /** Deliveries of this lane, newest first, up to one more than a page has. */
  async list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    return listDeliveries(this.#load(), this.#endpointId, query);
  }

  /** Delivers an event again; one that is on its way stays so. Null when the lane has no such delivery. */
  async replay(deliveryId: string): Promise<Delivery | null> {
    return replayDelivery(this.#load(), this.#endpointId, deliveryId);
  }

  /** Delivers again what has failed for good since a time. Returns how many events; with fewer than `least` none is left. */
  async replayFailed(since: number, least: number): Promise<number> {
    return replayFailed(this.#load(), since, least);
  }

  /**
   * Deletes delivered and failed events from before these times.
   *
   * @returns Whether there may be more to delete.
   */
  async deleteOld(deliveredBefore: number, failedBefore: number): Promise<boolean> {
    const { rows, retries } = this.#load().events;
    const deleted = [
      rows.deleteOld(deliveredBefore, ROWS_PER_STEP),
      retries.deleteOld(deliveredBefore, failedBefore, ROWS_PER_STEP),
    ];
    if ([...this.ctx.storage.kv.list({ limit: 1 })].length === 0) await this.clear();
    return deleted.includes(ROWS_PER_STEP);
  }

  /** Deletes everything, because the endpoint is deleted. */
  async clear(): Promise<void> {
    this.#lane?.close();
    this.#lane = null;
    await this.ctx.storage.deleteAll();
  }

  override alarm(): Promise<void> {
    return runAlarm(this.ctx.storage, async () => {
      if (!(await this.#load().run())) await this.clear();
    });
  }

  get #endpointId(): string {
    return (this.ctx.id.name ?? "").split("/")[0] ?? "";
  }

  #load(): Lane {
    if (this.#lane !== null) return this.#lane;
    const { storage } = this.ctx;
    const { JOURNAL, SECRET_KEY, WHATSAPP_BASE_URL } = this.env;
    const keyring = new Keyring(SECRET_KEY, this.#previousSecret);
    // It changes none.
    const endpoints = new WebhookEndpoints(JOURNAL, keyring, async () => {});
    this.#lane = new Lane({
      kv: storage.kv,
      seal: eventSeal(keyring, this.ctx.id.name ?? ""),
      keyring,
      health: new EndpointHealth(JOURNAL),
      allowLoopback: isLoopbackUrl(WHATSAPP_BASE_URL),
      target: () => endpoints.target(this.#endpointId, null, Date.now()),
      // Not awaited: the output gate holds every answer until it is durable.
      setAlarm: (time) => void storage.setAlarm(time),
    });
    return this.#lane;
  }

  /** Optional, so that the generated type of the environment lacks it. */
  get #previousSecret(): string | undefined {
    const env: { readonly SECRET_KEY: string; readonly SECRET_KEY_PREVIOUS?: string } = this.env;
    return env.SECRET_KEY_PREVIOUS;
  }
}
