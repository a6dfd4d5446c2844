import * as z from "zod";
import { HOUR_MS } from "../platform/time.ts";

/** Texts by name that outlive an isolate, and do not need the journal's database. */
export interface Notes {
  note(name: string): Promise<string | null>;
  keepNote(name: string, text: string): Promise<void>;
}

/** The events that could not be stored, as of the last 12 hours, in which each of them is tried once. */
export interface DeadLettersSeen {
  readonly count: number;
  /** When the oldest of them happened, in milliseconds since the epoch; null without any. */
  readonly oldestAt: number | null;
}

const NAME = "dead_letters";
const HOURS = 12;

/** What was seen in each hour since the epoch. */
const seenByHour = () => z.array(z.object({ hour: z.number(), count: z.number(), oldestAt: z.number() }));

/**
 * Counts the events that no attempt could store, and that are tried again every 12 hours. Only one batch of them is
 * consumed at a time, so that no count is lost.
 */
export class DeadLetters {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** @param times When the events happened that have failed again. */
  async note(times: readonly number[]): Promise<void> {
    if (times.length === 0) return;
    const hour = currentHour();
    const seen = await this.#recent();
    const before = seen.find((entry) => entry.hour === hour) ?? {
      count: 0,
      oldestAt: Number.POSITIVE_INFINITY,
    };
    const oldestAt = times.reduce((oldest, at) => Math.min(oldest, at), before.oldestAt);
    const others = seen.filter((entry) => entry.hour !== hour);
    const kept = [...others, { hour, count: before.count + times.length, oldestAt }];
    await this.#notes.keepNote(NAME, JSON.stringify(kept));
  }

  async read(): Promise<DeadLettersSeen> {
    const seen = await this.#recent();
    return {
      count: seen.reduce((sum, { count }) => sum + count, 0),
      oldestAt: seen.reduce<number | null>(
        (oldest, entry) => Math.min(oldest ?? entry.oldestAt, entry.oldestAt),
        null,
      ),
    };
  }

  async #recent() {
    const text = await this.#notes.note(NAME);
    const seen = text === null ? [] : seenByHour().parse(JSON.parse(text));
    return seen.filter(({ hour }) => hour > currentHour() - HOURS);
  }
}

function currentHour(): number {
  return Math.floor(Date.now() / HOUR_MS);
}
