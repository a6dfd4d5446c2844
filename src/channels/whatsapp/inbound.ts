import * as z from "zod";
import { parseWaId, type Subscriber } from "../../numbering/subscriber.ts";
import { LONGEST_MESSAGE_ID } from "./message-id.ts";
import { unixSeconds } from "./updates.ts";
import { type Change, known, type OnSkipped } from "./webhook.ts";

/** A message from a user. With usernames, `from` may be missing. */
export interface InboundMessage {
  readonly id: string;
  readonly from: Subscriber | null;
  readonly fromUserId: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: string;
  readonly text: string | null;
  readonly buttonPayload: string | null;
  /** The id of the message that this one replies to. */
  readonly contextId: string | null;
  /** For `type: "system"`: the event, and the user's new number where it changed. */
  readonly system: { readonly type: string; readonly newNumber: Subscriber | null } | null;
}

/** A user id is a country, a dot and up to 128 characters ("Business-scoped user IDs"). */
const LONGEST_USER_ID = 256;

/** More than WhatsApp lets a user write, and little enough for an event of a queue. */
const LONGEST_TEXT = 16_384;

/** The payload of WhatsApp's own button below a code ("Copy code button authentication templates"). */
export const DID_NOT_REQUEST_CODE = "DID_NOT_REQUEST_CODE";

const message = z.object({
  id: z.string().min(1).max(LONGEST_MESSAGE_ID),
  from: z.string().max(LONGEST_USER_ID).nullish().catch(null),
  from_user_id: z.string().max(LONGEST_USER_ID).nullish().catch(null),
  timestamp: unixSeconds,
  type: z.string(),
  text: z.object({ body: z.string() }).optional().catch(undefined),
  button: z.object({ payload: z.string() }).optional().catch(undefined),
  context: z
    .object({ id: z.string().min(1).max(LONGEST_MESSAGE_ID).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  system: z.object({ type: z.string().optional(), wa_id: z.string().optional() }).optional().catch(undefined),
});

/** Reads users' messages from a change of the field `messages`. */
export function readInbound({ field, value }: Change, onSkipped?: OnSkipped): readonly InboundMessage[] {
  if (field !== "messages") return [];
  return known(message, value.messages, onSkipped).map((data) => ({
    id: data.id,
    ...senderIds(data),
    at: data.timestamp,
    type: data.type,
    text: data.text?.body.slice(0, LONGEST_TEXT) ?? null,
    buttonPayload: data.button?.payload ?? null,
    contextId: data.context?.id ?? null,
    system:
      data.system === undefined
        ? null
        : {
            type: data.system.type ?? "unknown",
            newNumber: data.system.wa_id === undefined ? null : parseWaId(data.system.wa_id),
          },
  }));
}

/** Of a user with a username, `from` may be missing or hold the user id. */
function senderIds({ from, from_user_id }: z.output<typeof message>) {
  const number = from ? parseWaId(from) : null;
  return { from: number, fromUserId: from_user_id ?? (number === null ? (from ?? null) : null) };
}
