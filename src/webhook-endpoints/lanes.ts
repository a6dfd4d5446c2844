import type { Event } from "../events/event.ts";
import type { BatchSettings } from "./batch-settings.ts";
import type { Delivery } from "./delivery.ts";
import type { EndpointLane } from "./endpoint-lane.ts";
import type { DeliveryQuery } from "./lane-deliveries.ts";

/**
 * One lane carries 6,000 events a second in batches of 100 to an endpoint that takes 100 ms, which is more than the queue
 * of events delivers. Several would be told apart by number, after the slash, and split the batches of a slow hour.
 */
const LANE = 0;

/** How many steps one daily run takes for an endpoint; the next run takes the rest. */
const MAX_STEPS = 200;

/** The lanes of the endpoints that take batches, or did. */
export class Lanes {
  readonly #namespace: DurableObjectNamespace<EndpointLane>;

  constructor(namespace: DurableObjectNamespace<EndpointLane>) {
    this.#namespace = namespace;
  }

  /** Hands over events; once it resolves they are stored. A repeat adds nothing twice. */
  async add(endpointId: string, events: readonly Event[], settings: BatchSettings): Promise<void> {
    await this.#of(endpointId).add(events, settings);
  }

  async list(endpointId: string, query: DeliveryQuery): Promise<readonly Delivery[]> {
    return this.#of(endpointId).list(query);
  }

  async replay(endpointId: string, deliveryId: string): Promise<Delivery | null> {
    return this.#of(endpointId).replay(deliveryId);
  }

  /**
   * Delivers again what has failed for good since a time, in milliseconds since the epoch.
   *
   * @returns How many events; with fewer than `least` none is left.
   */
  async replayFailed(endpointId: string, since: number, least: number): Promise<number> {
    return this.#of(endpointId).replayFailed(since, least);
  }

  /** Deletes what came before these times, for the daily schedule. */
  async deleteOld(endpointId: string, deliveredBefore: number, failedBefore: number): Promise<void> {
    const lane = this.#of(endpointId);
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (!(await lane.deleteOld(deliveredBefore, failedBefore))) break;
    }
  }

  async clear(endpointId: string): Promise<void> {
    await this.#of(endpointId).clear();
  }

  #of(endpointId: string) {
    return this.#namespace.getByName(`${endpointId}/${LANE}`);
  }
}
