import type { CircuitChange, OpenCircuit } from "../circuit-breakers.ts";
import { RateLimiter, type SendSlot } from "./rate-limiter.ts";

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
