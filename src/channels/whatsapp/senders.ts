import * as z from "zod";

/** Meta's default throughput in messages a second, and that of a sender that Meta has upgraded. */
export const DEFAULT_PACE = 80;
export const FASTEST_PACE = 1000;

/** A WhatsApp number of the team, as in `[[vars.WHATSAPP_SENDERS]]`. */
export const senderSchema = z
  .strictObject({
    phone_number_id: z.string().regex(/^\d{5,20}$/, "is not a number as Meta writes its ids"),
    /** Numbers that are also used in the Business app have 20 ("Throughput", Cloud API). */
    messages_per_second: z.int().min(1).max(FASTEST_PACE).default(DEFAULT_PACE),
    /**
     * Meta's messaging limit: unique users in a rolling 24 hours, from 250 upwards; omit it where there is
     * none.
     */
    recipients_per_day: z.int().min(1).max(1_000_000).optional(),
  })
  .transform(({ phone_number_id, messages_per_second, recipients_per_day = null }) => ({
    phoneNumberId: phone_number_id,
    messagesPerSecond: messages_per_second,
    recipientsPerDay: recipients_per_day,
  }));

export type Sender = z.output<typeof senderSchema>;

/**
 * Orders the senders for a recipient by rendezvous hashing: a recipient keeps one sender, so its messages
 * share one chat, and adding or skipping a sender moves only that sender's recipients.
 */
export function sendersFor(recipient: string, senders: readonly Sender[]): readonly Sender[] {
  if (senders.length < 2) return senders;
  const weights = new Map(senders.map((sender) => [sender, weigh(`${recipient}|${sender.phoneNumberId}`)]));
  return senders.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0));
}

/** FNV-1a with MurmurHash3's finalizer: it needs no allocation, and the order need not be unpredictable. */
function weigh(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Notifications may use only a share of each sender's throughput, so that codes, which a user waits for,
 * always find capacity.
 */
export type Priority = "code" | "notification";
export const NOTIFICATIONS_PART = 0.75;

/** Messages per second that a priority may use of a sender. */
export function rateOf({ messagesPerSecond }: Sender, priority: Priority): number {
  return priority === "code"
    ? messagesPerSecond
    : Math.max(1, Math.floor(messagesPerSecond * NOTIFICATIONS_PART));
}
