import { MINUTE_MS } from "../../platform/time.ts";
import type { CircuitChange, OpenCircuit } from "../circuit-breakers.ts";
import { OVER_THROUGHPUT } from "./errors.ts";

/**
 * When a message may be sent: after waiting in the consumer (`slot`), or so much later that it should return
 * to the queue (`later`).
 */
export type SendSlot =
  | { readonly kind: "slot"; readonly waitMs: number }
  | { readonly kind: "later"; readonly delayMs: number };

/** A request for a slot of one sender. */
export interface SlotRequest {
  readonly perSecond: number;
  /** How long the caller would hold the message for its slot. */
  readonly patienceMs: number;
  /** The sender's circuit is open until then, in milliseconds since the epoch; 0 when closed. */
  readonly pausedUntil: number;
}

/** After a rate limit error the rate is halved, down to a tenth, and recovers linearly within a minute. */
const SLOWDOWN_FACTOR = 0.5;
const LOWEST_SHARE = 0.1;
const RECOVERY_MS = MINUTE_MS;
/** Reports within this time come from isolates that met the same rate limit; they count once. */
const SAME_LIMIT_MS = 5_000;

/**
 * Spaces one sender's notifications evenly. Codes are not limited here. Times in milliseconds since the
 * epoch.
 */
export class RateLimiter {
  #nextAt = 0;
  #backlogEndsAt = 0;
  #slowdown = { to: 1, at: Number.NEGATIVE_INFINITY };

  /**
   * Reserves a slot. Messages told to return later get consecutive times at the sender's rate, so that they
   * do not all return at once.
   */
  reserve({ perSecond, patienceMs, pausedUntil }: SlotRequest, now: number): SendSlot {
    const intervalMs = 1000 / (perSecond * this.#share(now));
    const at = Math.max(this.#nextAt, pausedUntil, now);
    if (at - now <= patienceMs) {
      this.#nextAt = at + intervalMs;
      return { kind: "slot", waitMs: at - now };
    }
    this.#backlogEndsAt = Math.max(this.#backlogEndsAt, at) + intervalMs;
    return { kind: "later", delayMs: this.#backlogEndsAt - now };
  }

  /** Halves the rate; it recovers within a minute. */
  slowDown(now: number): void {
    if (now - this.#slowdown.at < SAME_LIMIT_MS) return;
    this.#slowdown = { to: Math.max(LOWEST_SHARE, this.#share(now) * SLOWDOWN_FACTOR), at: now };
  }

  /** How long until the last message told to return later is due, in milliseconds. */
  backlogMs(now: number): number {
    return Math.max(0, this.#backlogEndsAt - now);
  }

  #share(now: number): number {
    return Math.min(1, this.#slowdown.to + (now - this.#slowdown.at) / RECOVERY_MS);
  }
}

/** A message that needs a slot of one of these senders, its preferred sender first. */
export interface NotificationSlotRequest {
  readonly senders: readonly { readonly phoneNumberId: string; readonly perSecond: number }[];
  readonly patienceMs: number;
}

/** WhatsApp's rate limit codes that open a circuit. */
const RATE_LIMIT_CODES = new Set(["4", "80007", OVER_THROUGHPUT]);

/**
 * The senders' rate limiters, shared by all isolates. In memory only: a stored row per message would cost
 * more than the message's own record. An object that restarts may reserve a few seconds of slots twice;
 * WhatsApp's own limit and each isolate's throughput limit still apply.
 */
export class RateLimiters {
  readonly #limiters = new Map<string, RateLimiter>();

  /**
   * Reserves a slot for each message at the first sender whose circuit is closed, the order that a send uses.
   */
  reserve(
    requests: readonly NotificationSlotRequest[],
    circuits: Readonly<Record<string, OpenCircuit>>,
    now: number,
  ): readonly SendSlot[] {
    const pausedUntil = (id: string) =>
      Math.max(circuits.account?.until ?? 0, circuits[`sender/${id}`]?.until ?? 0);
    return requests.map(({ senders, patienceMs }) => {
      const available = senders.find(({ phoneNumberId }) => pausedUntil(phoneNumberId) <= now) ?? senders[0];
      if (available === undefined) throw new Error("A slot request needs at least one sender");
      const { phoneNumberId, perSecond } = available;
      const request = { perSecond, patienceMs, pausedUntil: pausedUntil(phoneNumberId) };
      return this.#limiterOf(phoneNumberId).reserve(request, now);
    });
  }

  /** Slows down the senders that reported a rate limit error; an account's error slows all of them. */
  slowDownOn(changes: readonly CircuitChange[], now: number): void {
    for (const { key, open } of changes) {
      if (open === null || !RATE_LIMIT_CODES.has(open.code)) continue;
      const [scope, phoneNumberId = ""] = key.split("/");
      const limiters = scope === "sender" ? [this.#limiterOf(phoneNumberId)] : this.#limiters.values();
      for (const limiter of limiters) limiter.slowDown(now);
    }
  }

  /** Leaves more of these senders to codes. */
  slowDown(phoneNumberIds: readonly string[], now: number): void {
    for (const phoneNumberId of phoneNumberIds) this.#limiterOf(phoneNumberId).slowDown(now);
  }

  /** The longest backlog of all senders, in milliseconds. */
  longestBacklogMs(now: number): number {
    return Math.max(0, ...[...this.#limiters.values()].map((limiter) => limiter.backlogMs(now)));
  }

  #limiterOf(phoneNumberId: string): RateLimiter {
    const limiter = this.#limiters.get(phoneNumberId) ?? new RateLimiter();
    this.#limiters.set(phoneNumberId, limiter);
    return limiter;
  }
}
