import type { Event } from "../events/event.ts";
import type { Keyring } from "../platform/keyring.ts";
import { log } from "../platform/log.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { BatchSettings } from "./batch-settings.ts";
import type { Target } from "./endpoints.ts";
import type { EndpointHealth } from "./health.ts";
import { LaneEvents } from "./lane-events.ts";
import { LanePace } from "./lane-pace.ts";
import type { Waiting } from "./lane-queue.ts";
import type { Retry } from "./lane-retries.ts";
import type { EventSeal } from "./lane-seal.ts";
import { notPosted, requestOf, sendTogether } from "./lane-send.ts";
import { type SignedEvent, UNREADABLE } from "./post.ts";

/** With this many failed batches, or events in them, all of which are in memory, the lane takes no new batch. */
const MAX_RETRIES = 100;
const MAX_RETRIED_EVENTS = 10_000;

/** The platform ends an alarm after 15 minutes. */
const RUN_MS = 5 * MINUTE_MS;

/** When a change of the endpoint is seen at the latest. */
const TARGET_FRESH_MS = 1_000;

/** When to try again after a fault on our side. */
const AFTER_FAULT_MS = 10_000;

/** For an endpoint that no longer takes batches. */
const SINGLY: BatchSettings = { maxEvents: 1, maxWaitMs: 0 };

/** What a lane needs of its object and of the deployment. */
interface LaneParts {
  readonly kv: SyncKvStorage;
  readonly seal: EventSeal;
  readonly keyring: Keyring;
  readonly health: EndpointHealth;
  readonly allowLoopback: boolean;
  /** Reads the endpoint; null when it was deleted. */
  readonly target: () => Promise<Target | null>;
  readonly setAlarm: (time: number) => void;
}

/** One request: events that wait for their first attempt, or a batch that failed before. */
type Shipment = { readonly requests: readonly SignedEvent[] } & (
  | { readonly kind: "first"; readonly waiting: readonly Waiting[] }
  /** One that only finds out whether an endpoint is up again does not count as an attempt of the schedule. */
  | { readonly kind: "again"; readonly retry: Retry; readonly counts: boolean }
);

/** Decides which events of an endpoint are posted when, and posts them. */
export class Lane {
  readonly events: LaneEvents;
  readonly #parts: LaneParts;
  readonly #pace: LanePace;
  readonly #posts = new Set<Promise<void>>();
  /** The failed batches that are on their way again. */
  readonly #retrying = new Set<number>();
  #settings = SINGLY;
  #target: { readonly value: Target; readonly readAt: number } | null = null;
  #alarmAt: number | null = null;
  #isRunning = false;
  #isClosed = false;
  /** Ends the wait of {@link run}. */
  #wake = () => {};

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.events = new LaneEvents(parts.kv, parts.seal);
    this.#pace = new LanePace(parts.kv, this.events.retries.lastAttemptAt);
  }

  /** Stores events, and schedules their first attempt. Those that it knows are left out. */
  add(events: readonly Event[], settings: BatchSettings): void {
    this.#settings = settings;
    const unknown = this.events.rows.unknown(events);
    if (unknown.length > 0) this.enter(unknown);
  }

  /** As {@link add}, also for events that it knows. */
  enter(events: readonly Event[]): void {
    this.events.enter(events);
    this.#wakeUp();
  }

  /** Writes nothing any more, because the endpoint is deleted. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Posts what is due until nothing is, for the object's alarm: the platform repeats an alarm that a crash interrupts.
   *
   * @returns False when the endpoint was deleted, so that nothing of the lane is needed.
   */
  async run(): Promise<boolean> {
    this.#alarmAt = null;
    this.#isRunning = true;
    const outcome = await this.#postDue(Date.now() + RUN_MS).catch((error) => {
      log("error", "Webhook batches failed on our side", { error: String(error) });
      return "fault" as const;
    });
    await Promise.all(this.#posts);
    this.#isRunning = false;
    if (outcome === "fault") this.#setAlarm(Date.now() + AFTER_FAULT_MS);
    else this.#wakeUp();
    return outcome !== "deleted";
  }

  async #postDue(until: number): Promise<"done" | "deleted"> {
    for (;;) {
      const target = await this.#readTarget();
      if (target === null || this.#isClosed) return "deleted";
      const mayStart = Date.now() < until;
      if (mayStart) this.#startPosts(target);
      if (this.#posts.size === 0) return "done";
      await this.#nextChange(mayStart);
    }
  }

  /** Waits for the end of a post, for new events, or for a batch that has waited long enough. */
  async #nextChange(mayStart: boolean): Promise<void> {
    const dueAt = mayStart && this.#posts.size < this.#pace.maxPosts ? this.#dueAt() : null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (dueAt !== null) timer = setTimeout(resolve, Math.max(dueAt - Date.now(), 0));
    });
    clearTimeout(timer);
  }

  /** Wakes {@link run}, or sets the alarm for it. */
  #wakeUp(): void {
    const dueAt = this.#isClosed ? null : this.#dueAt();
    if (this.#isRunning) this.#wake();
    else if (dueAt !== null) this.#setAlarm(Math.max(dueAt, Date.now()));
  }

  /** Setting an alarm bills a row, so it is only moved earlier. */
  #setAlarm(time: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= time) return;
    this.#alarmAt = time;
    this.#parts.setAlarm(time);
  }

  /** When something is to be posted next; null when nothing is left. */
  #dueAt(): number | null {
    const { rows, retries, queue } = this.events;
    const retryAt = retries.next(this.#retrying)?.stored.nextAttemptAt ?? null;
    const batchAt = rows.hasUnread ? 0 : queue.dueAt(this.#settings);
    const newAt = this.#takesNew || batchAt === null ? batchAt : Math.max(batchAt, this.#pace.probeAt);
    const times = [retryAt, newAt].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Whether batches leave for the first time, or only those that failed. */
  get #takesNew(): boolean {
    const { size, eventCount } = this.events.retries;
    return !this.#pace.isDown && size < MAX_RETRIES && eventCount < MAX_RETRIED_EVENTS;
  }

  /** Whether to find out if the endpoint takes again what waits. */
  #isProbeDue(now: number): boolean {
    const { rows, queue } = this.events;
    return !this.#takesNew && now >= this.#pace.probeAt && (rows.hasUnread || queue.size > 0);
  }

  async #readTarget(): Promise<Target | null> {
    const now = Date.now();
    if (this.#target !== null && now - this.#target.readAt < TARGET_FRESH_MS) return this.#target.value;
    const value = await this.#parts.target();
    this.#target = value && { value, readAt: now };
    return value;
  }

  #startPosts(target: Target): void {
    const { batch, status } = target.endpoint;
    this.#settings = batch ?? SINGLY;
    const isDisabled = status === "disabled";
    while (this.#posts.size < this.#pace.maxPosts) {
      const shipment = this.#nextRetry(isDisabled, batch === null) ?? this.#nextBatch(isDisabled);
      if (shipment === null) return;
      const posted: Promise<void> = this.#attempt(shipment, target)
        .catch((error) => log("error", "Webhook batches failed on our side", { error: String(error) }))
        .finally(() => {
          this.#posts.delete(posted);
          this.#wake();
        });
      this.#posts.add(posted);
    }
  }

  /** @param isDisabled Takes what is not due as well, to give it up. */
  #nextRetry(isDisabled: boolean, isSingly: boolean): Shipment | null {
    const retry = this.events.retries.next(this.#retrying);
    if (retry === undefined) return null;
    const now = Date.now();
    const counts = isDisabled || (retry.stored.nextAttemptAt ?? 0) <= now;
    if (!counts && !this.#isProbeDue(now)) return null;
    if (isSingly && retry.events.length > 1 && !isDisabled) {
      this.events.dissolve(retry);
      return this.#nextRetry(isDisabled, isSingly);
    }
    this.#retrying.add(retry.at);
    const requests = retry.events.flatMap((event) => requestOf(event, this.#parts.keyring) ?? []);
    return { kind: "again", retry, requests, counts };
  }

  #nextBatch(isDisabled: boolean): Shipment | null {
    const now = Date.now();
    const { queue, retries } = this.events;
    this.events.fill();
    // While there is a failed batch, that one finds out whether the endpoint is up again.
    const isProbe = retries.size === 0 && this.#isProbeDue(now);
    if (!this.#takesNew && !isProbe && !isDisabled) return null;
    const dueAt = queue.dueAt(this.#settings);
    if (dueAt === null || (dueAt > now && !isDisabled)) return null;
    const taken = queue.take(this.#settings.maxEvents);
    const requests = taken.map(({ event }) => requestOf(event, this.#parts.keyring));
    const unreadable = taken.filter((_, index) => requests[index] === null);
    if (unreadable.length > 0) this.events.fail(unreadable, notPosted(UNREADABLE));
    if (unreadable.length === taken.length) return this.#nextBatch(isDisabled);
    return {
      kind: "first",
      waiting: taken.filter((_, index) => requests[index] !== null),
      requests: requests.filter((request) => request !== null),
    };
  }

  async #attempt(shipment: Shipment, target: Target): Promise<void> {
    this.#pace.posted(Date.now());
    const result = await sendTogether(shipment.requests, target, this.#parts.allowLoopback);
    if (this.#isClosed) return;
    if (shipment.kind === "again") {
      this.#retrying.delete(shipment.retry.at);
      this.events.record(shipment.retry, result, shipment.counts);
    } else if (result.delivered) {
      this.events.deliver(shipment.waiting, result);
    } else {
      this.events.fail(shipment.waiting, result);
    }
    if (!result.wasPosted) return;
    if (this.#pace.record(result.delivered)) this.events.retries.hasten(Date.now());
    // This failure may disable the endpoint.
    if (!result.delivered) this.#target = null;
    await this.#parts.health.record(target.endpoint, result);
  }
}
