import { MINUTE_MS } from "../../platform/time.ts";
import type { CircuitChange, OpenCircuit } from "../circuit-breakers.ts";

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

/** A message that asks for its turn at one of these senders, the recipient's own first. */
export interface SlotDemand {
  readonly senders: readonly { readonly phoneNumberId: string; readonly perSecond: number }[];
  readonly patienceMs: number;
}

/** WhatsApp's codes for too many messages, or calls, of a sender or of the whole account. */
const TOO_FAST = new Set(["4", "80007", "130429"]);

/**
 * The senders' turns for all isolates together. In memory only, for a row a message would cost more than the
 * message's own record: an object that starts anew may give away once more the few seconds of turns that
 * somebody holds already, and WhatsApp's own limit and each isolate's stand behind that.
 */
export class RateLimiters {
  readonly #paces = new Map<string, RateLimiter>();

  /** Gives each message a turn at the first sender that does not rest, as a send would choose it. */
  reserve(
    requests: readonly SlotDemand[],
    circuits: Readonly<Record<string, OpenCircuit>>,
    now: number,
  ): readonly SendSlot[] {
    const restsUntil = (id: string) =>
      Math.max(circuits.account?.until ?? 0, circuits[`sender/${id}`]?.until ?? 0);
    return requests.map(({ senders, patienceMs }) => {
      const rested = senders.find(({ phoneNumberId }) => restsUntil(phoneNumberId) <= now) ?? senders[0];
      if (rested === undefined) throw new Error("Nobody is there to send the message");
      const { phoneNumberId, perSecond } = rested;
      const wish = { perSecond, patienceMs, restsUntil: restsUntil(phoneNumberId) };
      return this.#paceOf(phoneNumberId).reserve(wish, now);
    });
  }

  /** Slows down whom WhatsApp found too fast. */
  slowDownOn(changes: readonly CircuitChange[], now: number): void {
    for (const { key, open } of changes) {
      if (open === null || !TOO_FAST.has(open.code)) continue;
      const [scope, phoneNumberId = ""] = key.split("/");
      const paces = scope === "sender" ? [this.#paceOf(phoneNumberId)] : this.#paces.values();
      for (const pace of paces) pace.slowDown(now);
    }
  }

  /** The longest time that anybody who was sent away still has to wait. */
  longestBacklogMs(now: number): number {
    return Math.max(0, ...[...this.#paces.values()].map((pace) => pace.backlogMs(now)));
  }

  #paceOf(phoneNumberId: string): RateLimiter {
    const pace = this.#paces.get(phoneNumberId) ?? new RateLimiter();
    this.#paces.set(phoneNumberId, pace);
    return pace;
  }
}
