import { createHash } from "node:crypto";
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
  const weight = ({ phoneNumberId }: Sender) =>
    createHash("sha256").update(`${recipient}|${phoneNumberId}`).digest().readUInt32BE(0);
  return senders.toSorted((a, b) => weight(b) - weight(a));
}
