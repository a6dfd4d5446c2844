import * as z from "zod";
import { HOUR_MS, MINUTE_MS } from "../platform/time.ts";

/** Texts by name that outlive an isolate, and do not need the journal's database. */
export interface Notes {
  note(name: string): Promise<string | null>;
  keepNote(name: string, text: string): Promise<void>;
}

/**
 * The events that could not be stored, as of the last 12 hours, in which each of them is tried once. For ten minutes
 * after it was tried again, an event may count twice: otherwise it would count as none until then.
 */
export interface DeadLettersSeen {
  readonly count: number;
  /** When the oldest of them happened, in milliseconds since the epoch; null without any. */
  readonly oldestAt: number | null;
}

const NAME = "dead_letters_seen";
const SLOT_MS = 10 * MINUTE_MS;
/** Those of 12 hours, and the one under way. */
const SLOTS = (12 * HOUR_MS) / SLOT_MS + 1;

/** What was seen in each ten minutes since the epoch. */
const seenBySlot = () => z.array(z.object({ slot: z.number(), count: z.number(), oldestAt: z.number() }));

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
    const slot = currentSlot();
    const seen = await this.#recent();
    const before = seen.find((entry) => entry.slot === slot) ?? {
      count: 0,
      oldestAt: Number.POSITIVE_INFINITY,
    };
    const oldestAt = times.reduce((oldest, at) => Math.min(oldest, at), before.oldestAt);
    const others = seen.filter((entry) => entry.slot !== slot);
    const kept = [...others, { slot, count: before.count + times.length, oldestAt }];
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
    const seen = text === null ? [] : seenBySlot().parse(JSON.parse(text));
    return seen.filter(({ slot }) => slot > currentSlot() - SLOTS);
  }
}

function currentSlot(): number {
  return Math.floor(Date.now() / SLOT_MS);
}
