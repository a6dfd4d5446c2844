import { NOTIFICATIONS_PART } from "./senders.ts";

/** What an isolate tells of one sender, in messages a second. */
export interface PaceReport {
  readonly isolate: string;
  /** The sender's rate. */
  readonly perSecond: number;
  /** What came lately and what waits. */
  readonly codes: number;
  readonly notifications: number;
  /** What WhatsApp accepted and what it refused lately. */
  readonly sent: number;
  readonly refused: number;
}

/** What an isolate may send by one sender, in messages a second; null for no limit but the sender's own. */
export interface Share {
  readonly codes: number | null;
  readonly notifications: number | null;
  /** When to ask again; null where there is no need to. */
  readonly againMs: number | null;
  /** WhatsApp has refused every message of every isolate for half a minute. */
  readonly isSilent: boolean;
}

/**
 * The shares add up to a little more than the rate, because not all of each is used. WhatsApp refuses what is too much, and
 * it goes again.
 */
const SHARED_PART = 1.2;
/** The least that an isolate gets, so that a code that comes to a quiet one finds room. */
const LEAST_SHARE = 0.5;

/** From this part of the rate on, isolates report every second; below, less often, and below a quarter not at all. */
const TIGHT_FROM = 0.6;
const TIGHT_AGAIN_MS = 1_000;
const AMPLE_FROM = 0.25;
const AMPLE_AGAIN_MS = 5_000;
/** With many isolates each reports less often. */
const AGAIN_MS_PER_ISOLATE = 5;

/** An isolate that is this much late is ending, and what it wanted fades away. */
const LATE_MS = 250;
const FADING_MS = 500;
const FORGOTTEN_MS = 5_000;

const SILENT_MS = 30_000;
const REFUSED_AGAIN_MS = 5_000;
/** What is left of a message a while later. */
const LITTLE = 0.01;

interface Known {
  readonly report: PaceReport;
  readonly dueAt: number;
}

/**
 * Splits a sender's rate among the isolates that use it, by what they want; codes come first. While all of them together
 * want less than the rate, none is limited. Times in milliseconds since the epoch, of one clock.
 */
export class SenderShares {
  readonly #isolates = new Map<string, Known>();
  /** Since when WhatsApp has refused all that was reported, and when that was last reported. */
  #refused: { readonly since: number; readonly at: number } | null = null;

  report(report: PaceReport, now: number): Share {
    this.#isolates.set(report.isolate, { report, dueAt: now });
    let [codes, notifications] = [0, 0];
    for (const [isolate, { report, dueAt }] of this.#isolates) {
      const lateMs = Math.max(0, now - dueAt - LATE_MS);
      if (lateMs > FORGOTTEN_MS) this.#isolates.delete(isolate);
      const weight = Math.exp(-lateMs / FADING_MS);
      codes += report.codes * weight;
      notifications += report.notifications * weight;
    }
    const { perSecond } = report;
    const againMs = this.#againMs((codes + notifications) / perSecond);
    this.#isolates.set(report.isolate, { report, dueAt: now + (againMs ?? AMPLE_AGAIN_MS) });
    const isTight = codes + notifications > perSecond;
    const total = perSecond * SHARED_PART;
    const forNotifications = Math.min(perSecond * NOTIFICATIONS_PART, Math.max(0, total - codes));
    const least = Math.min(LEAST_SHARE, perSecond);
    return {
      codes: isTight ? Math.max(least, shareOf(report.codes, codes, total)) : null,
      notifications: isTight ? shareOf(report.notifications, notifications, forNotifications) : null,
      againMs,
      isSilent: this.#isSilent(report, now),
    };
  }

  #againMs(wantedPart: number): number | null {
    if (wantedPart < AMPLE_FROM) return null;
    const againMs = wantedPart < TIGHT_FROM ? AMPLE_AGAIN_MS : TIGHT_AGAIN_MS;
    return Math.max(againMs, this.#isolates.size * AGAIN_MS_PER_ISOLATE);
  }

  /** Only refusals that follow on each other count: an isolate with few messages may meet nothing else by chance. */
  #isSilent({ sent, refused }: PaceReport, now: number): boolean {
    if (sent > LITTLE) this.#refused = null;
    else if (refused > LITTLE) {
      const isNew = this.#refused === null || now - this.#refused.at > REFUSED_AGAIN_MS;
      this.#refused = { since: isNew ? now : (this.#refused?.since ?? now), at: now };
    }
    return this.#refused !== null && now - this.#refused.since >= SILENT_MS;
  }
}

function shareOf(wanted: number, all: number, total: number): number {
  return all === 0 ? total : (wanted / all) * total;
}
