import * as z from "zod";

/** A WhatsApp number of the team's, as `[[vars.WHATSAPP_SENDERS]]` describes it. */
export const senderSchema = z
  .strictObject({
    phone_number_id: z.string().regex(/^\d{5,20}$/, "is not a number as Meta writes its ids"),
    /** Meta's default throughput is 80 messages a second; numbers also used in the Business app have 20. */
    messages_per_second: z.int().min(1).max(1000).default(80),
    /** Meta's messaging limit: different users in a moving day, from 250 upwards; left out where there is none. */
    recipients_per_day: z.int().min(1).max(1_000_000).optional(),
  })
  .transform(({ phone_number_id, messages_per_second, recipients_per_day = null }) => ({
    phoneNumberId: phone_number_id,
    messagesPerSecond: messages_per_second,
    recipientsPerDay: recipients_per_day,
  }));

export type Sender = z.output<typeof senderSchema>;

/**
 * The senders in the order in which a recipient should try them, by rendezvous hashing: a recipient stays
 * with one sender, so that its messages stand in one chat, and when a sender is added or passed over only
 * its own recipients move.
 */
export function sendersFor(recipient: string, senders: readonly Sender[]): readonly Sender[] {
  if (senders.length < 2) return senders;
  const weights = new Map(senders.map((sender) => [sender, weigh(`${recipient}|${sender.phoneNumberId}`)]));
  return senders.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
}

/** FNV-1a, with MurmurHash3's last step to spread it: nobody gains by foreseeing it, and it needs no allocation. */
function weigh(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

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
