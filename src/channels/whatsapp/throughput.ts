import type { Sender } from "./senders.ts";

/** A little over Meta's second, for the time that messages take on their way varies. */
const WINDOW_MS = 1050;

/** A code has somebody waiting for it; everything else leaves it a part of each sender's second. */
export type Priority = "code" | "notification";
const SHARES: Readonly<Record<Priority, number>> = { code: 1, notification: 0.75 };

/** How many messages of a priority a sender may send in a second while it has nothing else to do. */
export function rateOf({ messagesPerSecond }: Sender, priority: Priority): number {
  return Math.max(1, Math.floor(messagesPerSecond * SHARES[priority]));
}

/** Keeps each sender of an isolate below its throughput; WhatsApp itself (130429) watches over all isolates together. */
export class Throughput {
  /** When each sender's latest messages went out, oldest first; never more than a window's. */
  readonly #sent = new Map<string, number[]>();

  /** Counts a message of this sender's, or answers false where the second behind it is full for its priority. */
  take(sender: Sender, priority: Priority, now: number): boolean {
    const sent = this.#sent.get(sender.phoneNumberId) ?? [];
    const first = sent.findIndex((at) => at > now - WINDOW_MS);
    const current = first === 0 ? sent : first < 0 ? [] : sent.slice(first);
    this.#sent.set(sender.phoneNumberId, current);
    if (current.length >= rateOf(sender, priority)) return false;
    current.push(now);
    return true;
  }
}
