import * as z from "zod";
import type { NoticeEvent } from "../channels/channel.ts";
import { DAY_MS } from "../platform/time.ts";
import type { Notes } from "./dead-letters.ts";

/** What one D1 database holds ("Limits", D1). */
export const LIMIT_BYTES = 10e9;

export const WARNING_PERCENT = 70;
/** From here on delivered webhook events make room for what is new. */
export const CRITICAL_PERCENT = 90;

const NAME = "journal_capacity";

/** The size of the journal's database, and by how much it is larger than it may become. */
export interface Size {
  readonly usedPercent: number;
  readonly excessBytes: number;
}

/** How full the journal's database is. */
export interface CapacitySeen {
  readonly usedPercent: number;
  readonly limitBytes: number;
  readonly isWarning: boolean;
}

const kept = () => z.object({ usedPercent: z.number(), warnedOn: z.number().nullable() });

/** Watches the size of the journal's database, which comes with each answer of D1. */
export class Capacity {
  readonly #db: D1Database;
  readonly #notes: Notes;
  readonly #limitBytes: number;

  /** @param limitBytes For tests. */
  constructor(db: D1Database, notes: Notes, limitBytes = LIMIT_BYTES) {
    this.#db = db;
    this.#notes = notes;
    this.#limitBytes = limitBytes;
  }

  /** Asks the database for its size. */
  async measure(): Promise<Size> {
    const { meta } = await this.#db.prepare("SELECT 1").run();
    const [bytes, limitBytes] = [meta.size_after, this.#limitBytes];
    return {
      usedPercent: Math.floor((bytes / limitBytes) * 100),
      excessBytes: Math.max(0, bytes - (limitBytes * CRITICAL_PERCENT) / 100),
    };
  }

  /** Notes the size, for each run of the schedule, and publishes a warning once a day while the database is filling. */
  async report(
    { usedPercent }: Size,
    publish: (events: readonly NoticeEvent[]) => Promise<void>,
  ): Promise<void> {
    const before = await this.#kept();
    const today = Math.floor(Date.now() / DAY_MS);
    const isDue = usedPercent >= WARNING_PERCENT && before?.warnedOn !== today;
    if (isDue) await publish([warning(usedPercent, this.#limitBytes, today)]);
    const warnedOn = isDue ? today : (before?.warnedOn ?? null);
    if (before?.usedPercent !== usedPercent || before.warnedOn !== warnedOn) {
      await this.#notes.keepNote(NAME, JSON.stringify({ usedPercent, warnedOn }));
    }
  }

  /** What the last run of the schedule has seen; null before the first one. Does not ask the database. */
  async read(): Promise<CapacitySeen | null> {
    const seen = await this.#kept();
    if (seen === null) return null;
    const { usedPercent } = seen;
    return { usedPercent, limitBytes: this.#limitBytes, isWarning: usedPercent >= WARNING_PERCENT };
  }

  async #kept() {
    const text = await this.#notes.note(NAME);
    return text === null ? null : kept().parse(JSON.parse(text));
  }
}

/** The same id on the same day, so that runs which overlap warn once. */
function warning(usedPercent: number, limitBytes: number, day: number): NoticeEvent {
  return {
    kind: "notice",
    type: "capacity.warning",
    id: `evt_capacity_warning_${day}`,
    at: Date.now(),
    data: {
      used_percent: usedPercent,
      limit_bytes: limitBytes,
      deletes_delivered_events: usedPercent >= CRITICAL_PERCENT,
    },
  };
}
