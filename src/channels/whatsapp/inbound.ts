import * as z from "zod";
import { type E164, parseWaId } from "../../numbering/e164.ts";
import { type Change, known } from "./webhook.ts";

/** A message from a user. Since usernames came it need not say from which number. */
export interface InboundMessage {
  readonly id: string;
  readonly from: E164 | null;
  readonly fromUserId: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: string;
  readonly text: string | null;
  readonly buttonPayload: string | null;
  /** The message of ours that it answers. */
  readonly contextId: string | null;
  /** For `type: "system"`: what happened, and the user's new number where that is it. */
  readonly system: { readonly type: string; readonly newNumber: E164 | null } | null;
}

/** The payload of WhatsApp's own button under a code ("Copy code button authentication templates"). */
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

/** Reads the users' messages out of a change of the field `messages`. */
export function readInbound({ field, value }: Change): readonly InboundMessage[] {
  if (field !== "messages") return [];
  return known(message, value.messages).map((one) => ({
    id: one.id,
    from: one.from === undefined ? null : parseWaId(one.from),
    fromUserId: one.from_user_id ?? null,
    at: Number(one.timestamp) * 1000,
    type: one.type,
    text: one.text?.body ?? null,
    buttonPayload: one.button?.payload ?? null,
    contextId: one.context?.id ?? null,
    system:
      one.system === undefined
        ? null
        : {
            type: one.system.type ?? "unknown",
            newNumber: one.system.wa_id === undefined ? null : parseWaId(one.system.wa_id),
          },
  }));
}
