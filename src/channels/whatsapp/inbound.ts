import * as z from "zod";
import { parseWaId, type Subscriber } from "../../numbering/subscriber.ts";
import { type Change, known } from "./webhook.ts";

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

/** The payload of WhatsApp's own button below a code ("Copy code button authentication templates"). */
export const DID_NOT_REQUEST_CODE = "DID_NOT_REQUEST_CODE";

const message = z.object({
  id: z.string(),
  from: z.string().optional(),
  from_user_id: z.string().optional(),
  timestamp: z.string().regex(/^\d{1,12}$/),
  type: z.string(),
  text: z.object({ body: z.string() }).optional().catch(undefined),
  button: z.object({ payload: z.string() }).optional().catch(undefined),
  context: z.object({ id: z.string().optional() }).optional().catch(undefined),
  system: z.object({ type: z.string().optional(), wa_id: z.string().optional() }).optional().catch(undefined),
});

/** Reads users' messages from a change of the field `messages`. */
export function readInbound({ field, value }: Change): readonly InboundMessage[] {
  if (field !== "messages") return [];
  return known(message, value.messages).map((data) => ({
    id: data.id,
    from: data.from === undefined ? null : parseWaId(data.from),
    fromUserId: data.from_user_id ?? null,
    at: Number(data.timestamp) * 1000,
    type: data.type,
    text: data.text?.body ?? null,
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
