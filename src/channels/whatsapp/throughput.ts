import type { PaceReport, Share } from "./sender-shares.ts";
import { type Priority, rateOf, type Sender } from "./senders.ts";

/** WhatsApp counts a sender's messages over any second. */
const WINDOW_MS = 1_000;

/** Below this part of the sender's rate, an isolate that meets no refusal asks for no share. */
const ASKS_FROM = 0.25;
/** An isolate whose share does not suffice asks sooner than it was told to, but not more often than this. */
const SHORTEST_ASK_MS = 250;
/** How long a share counts after its renewal was due, and when to ask again after no answer. */
const OVERDUE_MS = 5_000;

/** What a share leaves unused may be used later, at most as much as this: messages do not come evenly. */
const SAVED_SECONDS = 0.25;
const SAVED_MESSAGES = 4;

/** For a second after a refusal, an isolate tries at most this many times what went out, and never less than the floor. */
const TRIES_PER_SENT = 6;
const FLOOR_PER_SECOND = 2;
const CAREFUL_MS = 1_000;

/** A message that waits looks again several times a second, unless the platform has ended its request. */
const LOST_MS = 5_000;

const UNLIMITED = Number.POSITIVE_INFINITY;

/** A message that waits, and when it last looked for room. */
interface Waiting {
  readonly ticket: number;
  readonly lookedAt: number;
}

/** Events a second, smoothed. */
class Meter {
  readonly #smoothMs: number;
  #perSecond = 0;
  #at = 0;

  constructor(smoothMs: number) {
    this.#smoothMs = smoothMs;
  }

  add(now: number): void {
    this.#perSecond = this.perSecond(now) + 1_000 / this.#smoothMs;
    this.#at = now;
  }

  perSecond(now: number): number {
    return this.#perSecond * Math.exp((this.#at - now) / this.#smoothMs);
  }
}

/** Room for messages, which a rate fills. */
class Bucket {
  #room = 0;
  #at = 0;

  take(count: number): void {
    this.#room -= count;
  }

  /** How long until there is room for a message behind others. */
  waitMs(perSecond: number, before: number, now: number): number {
    if (perSecond === UNLIMITED) {
      // What was taken without a limit is no debt; the next limit begins with all that may be saved.
      this.#room = 0;
      this.#at = 0;
      return 0;
    }
    const most = Math.max(SAVED_MESSAGES, perSecond * SAVED_SECONDS);
    this.#room = Math.min(most, this.#room + ((now - this.#at) / 1_000) * perSecond);
    this.#at = now;
    return Math.max(0, ((before + 1 - this.#room) / perSecond) * 1_000);
  }
}

/**
 * What this isolate sends by one sender: no more than the sender's rate, than this isolate's share of it, and than what
 * WhatsApp lets through. Times in milliseconds since the epoch.
 */
export class Throughput {
  readonly #sender: Sender;
  /** The times of the last messages that WhatsApp may have counted, in order. */
  #times: number[] = [];
  /** The messages that wait, the oldest first. */
  readonly #waiting: Readonly<Record<Priority, Waiting[]>> = { code: [], notification: [] };
  readonly #shared = { code: new Bucket(), notification: new Bucket() };
  readonly #tries = new Bucket();
  readonly #wanted = { code: new Meter(2_000), notification: new Meter(2_000) };
  readonly #sent = new Meter(1_000);
  readonly #refused = new Meter(1_000);
  #carefulUntil = 0;
  #share: Share | null = null;
  #shareUntil = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** When the share is to be renewed; null while none is needed. */
  #askAt: number | null = null;
  #isShort = false;
  #isSilent = false;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /**
   * Takes room for a message: 0, or how long until it may have some. The oldest go first, and codes before notifications.
   *
   * @param ticket rises with the age of this isolate; a message keeps its own until it {@link leave}s
   */
  take(ticket: number, priority: Priority, now: number): number {
    this.#forgetLost(now);
    const waiting = this.#waiting[priority];
    const place = placeOf(ticket, waiting);
    if (place < 0) this.#wanted[priority].add(now);
    const codes = priority === "code" ? 0 : this.#waiting.code.length;
    const before = codes + (place < 0 ? waiting.length : place);
    const waitMs = Math.max(
      this.#windowMs(priority, before, now),
      this.#shared[priority].waitMs(this.#shareOf(priority, now), before, now),
      this.#carefulMs(before, now),
    );
    if (waitMs > 0) {
      this.#isShort = true;
      if (place < 0) waiting.push({ ticket, lookedAt: now });
      else waiting[place] = { ticket, lookedAt: now };
      return waitMs;
    }
    if (place >= 0) waiting.splice(place, 1);
    this.#shared[priority].take(1);
    this.#tries.take(1);
    this.#times.push(now);
    return 0;
  }

  /** The message is not to be sent by this sender any more. */
  leave(ticket: number): void {
    for (const waiting of Object.values(this.#waiting)) {
      const place = placeOf(ticket, waiting);
      if (place >= 0) waiting.splice(place, 1);
    }
  }

  onSent(now: number): void {
    this.#sent.add(now);
    this.#isSilent = false;
  }

  /** WhatsApp refused a message, and did not count it: all isolates together are too fast. It waits in its former place. */
  onRefused(ticket: number, priority: Priority, takenAt: number, now: number): void {
    const counted = this.#times.lastIndexOf(takenAt);
    if (counted >= 0) this.#times.splice(counted, 1);
    this.#shared[priority].take(-1);
    const waiting = this.#waiting[priority];
    waiting.splice(waiting.findLastIndex((other) => other.ticket < ticket) + 1, 0, { ticket, lookedAt: now });
    this.#refused.add(now);
    this.#carefulUntil = now + CAREFUL_MS;
  }

  /** What to tell the sender's object now; null while nothing is due. */
  ask(now: number): Omit<PaceReport, "isolate"> | null {
    if (!this.#isDue(now)) return null;
    this.#isAsking = true;
    this.#isShort = false;
    this.#askedAt = now;
    return {
      perSecond: this.#sender.messagesPerSecond,
      codes: this.#wanted.code.perSecond(now) + this.#waiting.code.length,
      notifications: this.#wanted.notification.perSecond(now) + this.#waiting.notification.length,
      sent: this.#sent.perSecond(now),
      refused: this.#refused.perSecond(now),
    };
  }

  /** @param share null where the object did not answer */
  onAnswer(share: Share | null, now: number): void {
    this.#isAsking = false;
    if (share === null) {
      this.#askAt = now + OVERDUE_MS;
      return;
    }
    this.#askAt = share.againMs === null ? null : now + share.againMs;
    this.#share = share;
    this.#isSilent = share.isSilent;
    this.#shareUntil = now + (share.againMs ?? 0) + OVERDUE_MS;
  }

  /** Whether an answer is under way, which may have a larger share. */
  isAsking(now: number): boolean {
    return this.#isAsking && now - this.#askedAt < OVERDUE_MS;
  }

  /** Whether nothing has gone out by this sender for long, from any isolate. */
  isSilent(now: number): boolean {
    return now < this.#shareUntil && this.#isSilent;
  }

  /** Frees the places of messages that have not looked for long. They are the first once the others have left. */
  #forgetLost(now: number): void {
    for (const waiting of Object.values(this.#waiting)) {
      while (waiting[0] !== undefined && now - waiting[0].lookedAt > LOST_MS) waiting.shift();
    }
  }

  #isDue(now: number): boolean {
    const soonest = Math.max(SHORTEST_ASK_MS, (this.#share?.againMs ?? 0) / 4);
    if (this.isAsking(now) || now - this.#askedAt < soonest) return false;
    if (this.#isShort) return true;
    if (this.#askAt !== null) return now >= this.#askAt;
    const isBusy = this.#sent.perSecond(now) >= this.#sender.messagesPerSecond * ASKS_FROM;
    return isBusy || now < this.#carefulUntil;
  }

  #shareOf(priority: Priority, now: number): number {
    const share = now < this.#shareUntil ? this.#share : null;
    return (priority === "code" ? share?.codes : share?.notifications) ?? UNLIMITED;
  }

  #carefulMs(before: number, now: number): number {
    const perSecond =
      now < this.#carefulUntil
        ? Math.max(FLOOR_PER_SECOND, this.#sent.perSecond(now) * TRIES_PER_SENT)
        : UNLIMITED;
    return this.#tries.waitMs(perSecond, before, now);
  }

  /** How long until the last second has room. */
  #windowMs(priority: Priority, before: number, now: number): number {
    const { messagesPerSecond } = this.#sender;
    if (this.#times.length > 3 * messagesPerSecond) this.#times = this.#times.slice(-messagesPerSecond);
    const rate = rateOf(this.#sender, priority);
    const wholeSeconds = Math.floor(before / rate) * WINDOW_MS;
    const full = this.#times[this.#times.length - rate + (before % rate)];
    return wholeSeconds + (full === undefined ? 0 : Math.max(0, full + WINDOW_MS - now));
  }
}

function placeOf(ticket: number, waiting: readonly Waiting[]): number {
  return waiting.findIndex((other) => other.ticket === ticket);
}
