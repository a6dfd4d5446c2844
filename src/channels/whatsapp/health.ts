import { DurableObject } from "cloudflare:workers";
import { log } from "../../platform/log.ts";
import { DAY_MS, toIso } from "../../platform/time.ts";
import type { NoticeEvent } from "../channel.ts";
import type { CircuitChange, OpenCircuit } from "../circuit-breakers.ts";
import { type NotificationSlotRequest, RateLimiters, type SendSlot } from "./rate-limiter.ts";

export type OpenCircuits = Readonly<Record<string, OpenCircuit>>;

/** What an isolate has found since its last report. */
export interface Findings {
  readonly changes: readonly CircuitChange[];
  /** Whether any webhook endpoint subscribes to the resulting events; without one they are not queued. */
  readonly hasSubscribers: boolean;
  readonly recipients: readonly CountedRecipients[];
}

/** The recipients of a sender with a messaging limit, as keyed tags instead of numbers. */
interface CountedRecipients {
  readonly sender: string;
  readonly limit: number;
  readonly tags: readonly string[];
}

const CIRCUITS = "circuits";
const OUTBOX = "outbox";
const RETRY_MS = 15_000;

/**
 * State shared by all isolates: open circuits, each sender's recipients of the last day, and the rate
 * limiters of notifications. One object, off the path of codes: isolates report to it and read it in the
 * background.
 */
export class WhatsAppHealth extends DurableObject<Env> {
  readonly #rateLimiters = new RateLimiters();

  read(): OpenCircuits {
    return this.ctx.storage.kv.get<OpenCircuits>(CIRCUITS) ?? {};
  }

  /**
   * Merges an isolate's findings and publishes an event for each circuit that opened or closed. Returns the
   * open circuits.
   */
  report({ changes: found, recipients, hasSubscribers }: Findings): OpenCircuits {
    const now = Date.now();
    const changes = [...found, ...recipients.flatMap((counted) => this.#overLimit(counted, now))];
    this.#rateLimiters.slowDownOn(changes, now);
    const before = this.read();
    const after = new Map(Object.entries(before));
    const events: NoticeEvent[] = [];
    for (const { key, open } of changes) {
      if ((open === null) !== (before[key] === undefined)) events.push(toEvent(key, open, before[key]));
      if (open === null) after.delete(key);
      else after.set(key, open);
    }
    const circuits = Object.fromEntries(after);
    this.ctx.storage.kv.put(CIRCUITS, circuits);
    if (hasSubscribers && events.length > 0) this.#publish([...this.#outbox(), ...events]);
    return circuits;
  }

  /** Reserves send slots for notifications; writes nothing. */
  reserve(requests: readonly NotificationSlotRequest[]): readonly SendSlot[] {
    return this.#rateLimiters.reserve(requests, this.read(), Date.now());
  }

  /** How long until the last message told to return later is due, in milliseconds. */
  backlogMs(): number {
    return this.#rateLimiters.longestBacklogMs(Date.now());
  }

  /**
   * Counts a sender's recipients of the last day. At the limit its circuit opens until the oldest of them is
   * a day old.
   */
  #overLimit({ sender, tags, limit }: CountedRecipients, now: number): CircuitChange[] {
    const { sql } = this.ctx.storage;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS recipients (sender TEXT, tag TEXT, at INTEGER, PRIMARY KEY (sender, tag)) WITHOUT ROWID",
    );
    for (const tag of tags) sql.exec("INSERT OR REPLACE INTO recipients VALUES (?, ?, ?)", sender, tag, now);
    sql.exec("DELETE FROM recipients WHERE at <= ?", now - DAY_MS);
    const { count, first } = sql
      .exec<{ count: number; first: number }>(
        "SELECT count(*) AS count, min(at) AS first FROM recipients WHERE sender = ?",
        sender,
      )
      .one();
    if (count < limit) return [];
    const open = { code: "messaging_limit", title: "The sender has reached its messaging limit" };
    return [{ key: `sender/${sender}`, open: { ...open, since: now, until: first + DAY_MS } }];
  }

  override async alarm(): Promise<void> {
    this.#publish(this.#outbox());
  }

  #outbox(): readonly NoticeEvent[] {
    return this.ctx.storage.kv.get<readonly NoticeEvent[]>(OUTBOX) ?? [];
  }

  /** Stored before they are queued and removed afterwards, so an event may be sent twice but is never lost. */
  #publish(events: readonly NoticeEvent[]): void {
    if (events.length === 0) return;
    this.ctx.storage.kv.put(OUTBOX, events);
    const ids = new Set(events.map(({ id }) => id));
    const removeSent = () => {
      this.ctx.storage.kv.put(
        OUTBOX,
        this.#outbox().filter(({ id }) => !ids.has(id)),
      );
    };
    const retryLater = (error: unknown) => {
      log("warn", "Queue send failed", { count: events.length, error: String(error) });
      return this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    };
    this.ctx.waitUntil(
      this.env.EVENTS.sendBatch(events.map((body) => ({ body }))).then(removeSent, retryLater),
    );
  }
}

/**
 * The id is deterministic: it names the circuit, when it opened, and whether this is its opening or closing.
 */
function toEvent(key: string, open: OpenCircuit | null, former: OpenCircuit | undefined): NoticeEvent {
  const { code, title, since, until } = open ?? former ?? { code: "", title: "", since: 0, until: 0 };
  const state = open === null ? "closed" : "open";
  return {
    kind: "notice",
    type: "sender.updated",
    at: open === null ? Date.now() : since,
    id: `evt_${state}_${since}_${key.replace(/\W/g, "_")}`,
    data: {
      circuit: key,
      state,
      error: { code, title },
      ...(open === null ? {} : { until: toIso(until) }),
    },
  };
}
