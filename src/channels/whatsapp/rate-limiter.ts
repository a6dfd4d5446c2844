import { MINUTE_MS } from "../../platform/time.ts";

/** Whose turn it is: after a while, or so much later that nobody should hold a place for it. */
export type SendSlot =
  | { readonly kind: "turn"; readonly waitMs: number }
  | { readonly kind: "later"; readonly delayMs: number };

/** A message that wants to go out. */
export interface SlotRequest {
  readonly perSecond: number;
  /** How long whoever asks would wait for a turn. */
  readonly patienceMs: number;
  /** Until then the sender rests; milliseconds since the epoch, 0 where it does not. */
  readonly restsUntil: number;
}

/** What remains of the pace when WhatsApp says that it was too fast, and in which time all of it is back. */
const SLOWED_TO = 0.5;
const SLOWEST = 0.1;
const RECOVERY_MS = MINUTE_MS;
/** Within this time several isolates tell of the same moment. */
const SAME_MOMENT_MS = 5_000;

/** The turns of one sender's messages that nobody waits for, evenly apart. Times in milliseconds since the epoch. */
export class RateLimiter {
  #nextAt = 0;
  #lineEndsAt = 0;
  #slowed = { to: 1, at: Number.NEGATIVE_INFINITY };

  /**
   * Gives a message its turn. Those sent away are told to come back one by one, at the pace at which there
   * will be room for them, so that the same crowd does not come back at once.
   */
  reserve({ perSecond, patienceMs, restsUntil }: SlotRequest, now: number): SendSlot {
    const everyMs = 1000 / (perSecond * this.#share(now));
    const at = Math.max(this.#nextAt, restsUntil, now);
    if (at - now <= patienceMs) {
      this.#nextAt = at + everyMs;
      return { kind: "turn", waitMs: at - now };
    }
    this.#lineEndsAt = Math.max(this.#lineEndsAt, at) + everyMs;
    return { kind: "later", delayMs: this.#lineEndsAt - now };
  }

  /** Halves the pace; it comes back by itself within a minute. */
  slowDown(now: number): void {
    if (now - this.#slowed.at < SAME_MOMENT_MS) return;
    this.#slowed = { to: Math.max(SLOWEST, this.#share(now) * SLOWED_TO), at: now };
  }

  /** How long the last of those who were sent away still has to wait. */
  backlogMs(now: number): number {
    return Math.max(0, this.#lineEndsAt - now);
  }

  #share(now: number): number {
    return Math.min(1, this.#slowed.to + (now - this.#slowed.at) / RECOVERY_MS);
  }
}
