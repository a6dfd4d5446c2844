import * as z from "zod";
import { parseWaId, type Subscriber } from "../../numbering/subscriber.ts";
import { LONGEST_MESSAGE_ID } from "./message-id.ts";
import { unixSeconds } from "./updates.ts";
import { type Change, known, type OnSkipped, senderOf } from "./webhook.ts";

/** A message from a user. With usernames, `from` may be missing. */
export interface InboundMessage {
  readonly id: string;
  readonly from: Subscriber | null;
  readonly fromUserId: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: string;
  readonly text: string | null;
  /** Of a template's button, or the id of a button below a free-form message. */
  readonly buttonPayload: string | null;
  /** The id of the message that this one replies to. */
  readonly contextId: string | null;
  /** For `type: "system"`: the event, and the user's new number where it changed. */
  readonly system: { readonly type: string; readonly newNumber: Subscriber | null } | null;
  /** The number on a card that answers our request for it; null for every other card, which proves nothing. */
  readonly sharedNumber: Subscriber | null;
  /** The team's number that it was written to, by Meta's id. */
  readonly sender: string | null;
}

/** A user id is a country, a dot and up to 128 characters ("Business-scoped user IDs"). */
const LONGEST_USER_ID = 256;

/** More than WhatsApp lets a user write, and little enough for an event of a queue. */
const LONGEST_TEXT = 16_384;

/** The payload of WhatsApp's own button below a code ("Copy code button authentication templates"). */
export const DID_NOT_REQUEST_CODE = "DID_NOT_REQUEST_CODE";

/** A shared card. Its origin is ours to believe only where the user answered `request_contact_info`. */
const card = z.object({
  origin: z.string().optional(),
  phones: z.array(z.object({ wa_id: z.string().optional() })).optional(),
});

const ANSWERED_REQUEST = "contact_request";

const message = z.object({
  id: z.string().min(1).max(LONGEST_MESSAGE_ID),
  from: z.string().max(LONGEST_USER_ID).nullish().catch(null),
  from_user_id: z.string().max(LONGEST_USER_ID).nullish().catch(null),
  timestamp: unixSeconds,
  type: z.string(),
  text: z.object({ body: z.string() }).optional().catch(undefined),
  button: z.object({ payload: z.string() }).optional().catch(undefined),
  interactive: z
    .object({ button_reply: z.object({ id: z.string() }) })
    .optional()
    .catch(undefined),
  contacts: z.array(card).optional().catch(undefined),
  context: z
    .object({ id: z.string().min(1).max(LONGEST_MESSAGE_ID).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  system: z.object({ type: z.string().optional(), wa_id: z.string().optional() }).optional().catch(undefined),
});

/** Reads users' messages from a change of the field `messages`. */
export function readInbound(change: Change, onSkipped?: OnSkipped): readonly InboundMessage[] {
  const { field, value } = change;
  if (field !== "messages") return [];
  const sender = senderOf(change);
  return known(message, value.messages, onSkipped).map((data) => ({
    id: data.id,
    ...senderIds(data),
    at: data.timestamp,
    type: data.type,
    text: data.text?.body.slice(0, LONGEST_TEXT) ?? null,
    buttonPayload: data.button?.payload ?? data.interactive?.button_reply.id ?? null,
    contextId: data.context?.id ?? null,
    system:
      data.system === undefined
        ? null
        : {
            type: data.system.type ?? "unknown",
            newNumber: data.system.wa_id === undefined ? null : parseWaId(data.system.wa_id),
          },
    sharedNumber: data.type === "contacts" ? sharedNumber(data.contacts) : null,
    sender,
  }));
}

function sharedNumber(cards: readonly z.output<typeof card>[] | undefined): Subscriber | null {
  const [answer, ...others] = cards ?? [];
  if (answer?.origin !== ANSWERED_REQUEST || others.length > 0) return null;
  const [phone] = answer.phones ?? [];
  return phone?.wa_id === undefined ? null : parseWaId(phone.wa_id);
}

/** Of a user with a username, `from` may be missing or hold the user id. */
function senderIds({ from, from_user_id }: z.output<typeof message>) {
  const number = from ? parseWaId(from) : null;
  return { from: number, fromUserId: from_user_id ?? (number === null ? (from ?? null) : null) };
}
