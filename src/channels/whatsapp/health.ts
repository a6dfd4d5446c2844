import { DurableObject } from "cloudflare:workers";
import { log } from "../../platform/log.ts";
import { DAY_MS, toIso } from "../../platform/time.ts";
import type { NoticeEvent } from "../channel.ts";
import { type CircuitChange, type OpenCircuit, restAfter } from "../circuit-breakers.ts";
import type { ProviderError } from "../failure.ts";
import type { CircuitReport } from "./account-updates.ts";
import { DailyRecipients } from "./daily-recipients.ts";
import { merge, NOTHING_OBSERVED, type Observed } from "./observations.ts";
import { isNews } from "./observed-news.ts";
import { type NotificationSlotRequest, RateLimiters, type SendSlot } from "./rate-limiter.ts";
import type { KeptProfiles } from "./sender-profile.ts";

export type OpenCircuits = Readonly<Record<string, OpenCircuit>>;

/** What an isolate has found since its last report. */
export interface Findings {
  readonly changes: readonly CircuitChange[];
  /** Whether any webhook endpoint subscribes to the resulting events; without one they are not queued. */
  readonly hasSubscribers: boolean;
  readonly recipients: readonly CountedRecipients[];
  /** Senders that WhatsApp refused messages of for their throughput. */
  readonly overThroughput?: readonly string[];
  /** What the doctor asks about, at most once a minute. */
  readonly observed?: Observed | null;
}

/** The recipients of a sender with a messaging limit, as keyed tags instead of numbers. */
interface CountedRecipients {
  readonly sender: string;
  readonly limit: number;
  readonly tags: readonly string[];
}

const CIRCUITS = "circuits";
const OBSERVED = "observed";
const PROFILES = "profiles";
const NOTE = "doctor/";
/** When each circuit last closed, or Meta said that its cause is gone: what failed before that is no news. */
const CLOSINGS = "closings";
const MOST_CLOSINGS = 100;
/** Meta counts in whole seconds. */
const SECOND_MS = 1000;
const OUTBOX = "outbox";
const RETRY_MS = 15_000;

/**
 * State shared by all isolates: open circuits, each sender's recipients of the last day, and the rate
 * limiters of notifications. One object, off the path of codes: isolates report to it and read it in the
 * background.
 */
export class WhatsAppHealth extends DurableObject<Env> {
  readonly #rateLimiters = new RateLimiters();
  readonly #recipients = new DailyRecipients(this.ctx.storage.sql);
  /** May be some minutes ahead of what is stored. */
  #observed: Observed | null = null;

  read(): OpenCircuits {
    return this.ctx.storage.kv.get<OpenCircuits>(CIRCUITS) ?? {};
  }

  /** What all isolates have told of WhatsApp. */
  observed(): Observed {
    return this.#observed ?? this.#storedObserved();
  }

  #storedObserved(): Observed {
    return this.ctx.storage.kv.get<Observed>(OBSERVED) ?? NOTHING_OBSERVED;
  }

  #observe(more: Observed): void {
    const known = merge(this.observed(), more);
    if (isNews(this.#storedObserved(), known)) this.ctx.storage.kv.put(OBSERVED, known);
    this.#observed = known;
  }

  /** What the doctor wrote down under a name. */
  note(name: string): string | null {
    return this.ctx.storage.kv.get<string>(`${NOTE}${name}`) ?? null;
  }

  keepNote(name: string, text: string): void {
    this.ctx.storage.kv.put(`${NOTE}${name}`, text);
  }

  /** What Meta said of the team's senders; null before the first answer. */
  profiles(): KeptProfiles | null {
    return this.ctx.storage.kv.get<KeptProfiles>(PROFILES) ?? null;
  }

  keepProfiles(kept: KeptProfiles): void {
    this.ctx.storage.kv.put(PROFILES, kept);
  }

  outdateProfiles(): void {
    const kept = this.profiles();
    if (kept !== null)
      this.keepProfiles({ profiles: kept.profiles, askedAt: kept.askedAt, isOutdated: true });
  }

  /** The recipients of the last day of each sender whose messaging limit the settings name. */
  recipientsOfDay(): Readonly<Record<string, number>> {
    return this.#recipients.counts(Date.now());
  }

  /**
   * Merges an isolate's findings and publishes an event for each circuit that opened or closed. Returns the
   * open circuits.
   */
  report({
    changes: found,
    recipients,
    overThroughput = [],
    observed = null,
    hasSubscribers,
  }: Findings): OpenCircuits {
    const now = Date.now();
    if (observed !== null) this.#observe(observed);
    const changes = [...found, ...recipients.flatMap((counted) => this.#overLimit(counted, now))];
    this.#rateLimiters.slowDownOn(changes, now);
    this.#rateLimiters.slowDown(overThroughput, now);
    const before = this.read();
    const after = new Map(Object.entries(before));
    const events: NoticeEvent[] = [];
    for (const { key, open } of changes) {
      if ((open === null) !== (before[key] === undefined)) events.push(toEvent(key, open, before[key]));
      if (open !== null) after.set(key, open);
      else if (after.delete(key)) this.#recordClosing(key, now);
    }
    const circuits = Object.fromEntries(after);
    if (changes.length > 0) this.ctx.storage.kv.put(CIRCUITS, circuits);
    if (hasSubscribers && events.length > 0) this.#publish([...this.#outbox(), ...events]);
    return circuits;
  }

  /**
   * Applies what webhooks say. Meta sends them late, repeatedly and out of order, so an error opens a circuit only
   * where it is newer than the circuit's last rest and than its last closing. Returns the open circuits.
   */
  applyReports(reports: readonly CircuitReport[], hasSubscribers: boolean): OpenCircuits {
    for (const report of reports) {
      const change = report.error === null ? this.#endRest(report) : this.#opening(report, report.error);
      if (change !== null) this.report({ changes: [change], recipients: [], hasSubscribers });
    }
    return this.read();
  }

  #opening({ key, at }: CircuitReport, error: ProviderError): CircuitChange | null {
    const now = Date.now();
    const former = this.read()[key] ?? null;
    const endOfSecond = at + SECOND_MS;
    const isOld = endOfSecond <= (this.#closings()[key] ?? 0) || endOfSecond <= (former?.until ?? 0);
    if (isOld || (former !== null && now < former.until)) return null;
    const { code, title } = error;
    const until = now + restAfter(error, former);
    return { key, open: { code, title, since: former?.since ?? now, until } };
  }

  /** Ends a circuit's rest, so that the next message is a probe; it closes when that one works. */
  #endRest({ key, at }: CircuitReport): CircuitChange | null {
    const now = Date.now();
    const open = this.read()[key];
    if (open !== undefined && at + SECOND_MS < open.since) return null;
    this.#recordClosing(key, at);
    return open === undefined || open.until <= now ? null : { key, open: { ...open, until: now } };
  }

  #closings(): Readonly<Record<string, number>> {
    return this.ctx.storage.kv.get<Record<string, number>>(CLOSINGS) ?? {};
  }

  #recordClosing(key: string, at: number): void {
    const closings = Object.entries({ ...this.#closings(), [key]: Math.max(at, this.#closings()[key] ?? 0) });
    const newest = closings.toSorted(([, a], [, b]) => b - a).slice(0, MOST_CLOSINGS);
    this.ctx.storage.kv.put(CLOSINGS, Object.fromEntries(newest));
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
    if (this.#recipients.add(sender, tags, now) < limit) return [];
    if (this.#recipients.recount(sender, now) < limit) return [];
    const first = this.#recipients.first(sender) ?? now;
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
