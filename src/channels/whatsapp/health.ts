import { DurableObject } from "cloudflare:workers";
import { log } from "../../platform/log.ts";
import { DAY_MS, toIso } from "../../platform/time.ts";
import type { NoticeEvent } from "../channel.ts";
import type { CircuitChange, OpenCircuit } from "../circuit-breakers.ts";
import { RateLimiters, type SendSlot, type SlotDemand } from "./rate-limiter.ts";

export type OpenCircuits = Readonly<Record<string, OpenCircuit>>;

/** What an isolate has found since it last told. */
export interface Findings {
  readonly changes: readonly CircuitChange[];
  /** Whether somebody wants the events that these make; what nobody wants is not sent at all. */
  readonly wanted: boolean;
  readonly recipients: readonly CountedRecipients[];
}

/** Whom a sender with a messaging limit has written to: keyed tags, no numbers. */
interface CountedRecipients {
  readonly sender: string;
  readonly limit: number;
  readonly tags: readonly string[];
}

const CIRCUITS = "circuits";
const OUTBOX = "outbox";
const RETRY_MS = 15_000;

/**
 * What all isolates together know of the WhatsApp account: which circuits are open, and whose turn it is among
 * the messages that nobody waits for. One object, off every request's path: isolates tell it what they find
 * and ask it now and then.
 */
export class WhatsAppHealth extends DurableObject<Env> {
  readonly #paces = new RateLimiters();

  read(): OpenCircuits {
    return this.ctx.storage.kv.get<OpenCircuits>(CIRCUITS) ?? {};
  }

  /** Takes in what an isolate has found, and makes an event of each circuit that is news. */
  report({ changes: found, recipients, wanted }: Findings): OpenCircuits {
    const now = Date.now();
    const changes = [...found, ...recipients.flatMap((counted) => this.#overLimit(counted, now))];
    this.#paces.slowDownOn(changes, now);
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
    if (wanted && events.length > 0) this.#publish([...this.#outbox(), ...events]);
    return circuits;
  }

  /** Gives messages that nobody waits for their turns; writes nothing. */
  reserve(requests: readonly SlotDemand[]): readonly SendSlot[] {
    return this.#paces.reserve(requests, this.read(), Date.now());
  }

  /** How long the last of the messages that were told to come again still has to wait, in milliseconds. */
  backlogMs(): number {
    return this.#paces.longestBacklogMs(Date.now());
  }

  /** Counts a sender's recipients of the last day, and lets it rest until the first of them is a day ago. */
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

  /** Written before the queue has them and forgotten after: an event comes twice rather than never. */
  #publish(events: readonly NoticeEvent[]): void {
    if (events.length === 0) return;
    this.ctx.storage.kv.put(OUTBOX, events);
    const ids = new Set(events.map(({ id }) => id));
    const forget = () => {
      this.ctx.storage.kv.put(
        OUTBOX,
        this.#outbox().filter(({ id }) => !ids.has(id)),
      );
    };
    const tryAgain = (error: unknown) => {
      log("warn", "The queue did not take over", { count: events.length, error: String(error) });
      return this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
    };
    this.ctx.waitUntil(this.env.EVENTS.sendBatch(events.map((body) => ({ body }))).then(forget, tryAgain));
  }
}

/** A circuit opens and closes as one thing; which of both, and when it opened, names the event. */
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
      ...(open !== null && { until: toIso(until) }),
    },
  };
}
