import { createHash } from "node:crypto";
import type { Event } from "../events/event.ts";

/** A repeated event is recognized among this many while the lane is in memory. */
const MAX_KNOWN = 200_000;

/** 72 bits: two of {@link MAX_KNOWN} events have the same one by chance once in 10^11 lanes. */
const DIGEST_LENGTH = 12;

/** The events that a lane has taken, by digests of their ids, so that a repeated handing-over adds none twice. */
export class KnownEvents {
  readonly #digests = new Set<string>();

  /** The events that are not known, each once. */
  unknown(events: readonly Event[]): readonly Event[] {
    const found = new Set<string>();
    return events.filter(({ id }) => {
      const digest = digestOf(id);
      if (this.#digests.has(digest) || found.has(digest)) return false;
      found.add(digest);
      return true;
    });
  }

  /** Adds events. Returns their digests as one text, for {@link addDigests}. */
  add(events: readonly Event[]): string {
    const digests = events.map(({ id }) => digestOf(id)).join("");
    this.addDigests(digests);
    return digests;
  }

  addDigests(digests: string): void {
    for (let start = 0; start < digests.length; start += DIGEST_LENGTH) {
      this.#digests.add(digests.slice(start, start + DIGEST_LENGTH));
    }
    for (const oldest of this.#digests) {
      if (this.#digests.size <= MAX_KNOWN) break;
      this.#digests.delete(oldest);
    }
  }
}

function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, DIGEST_LENGTH);
}
