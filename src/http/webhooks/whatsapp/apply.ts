import { createHash } from "node:crypto";
import type { NoticeEvent } from "../../../channels/channel.ts";
import { noticeType, readSharedErrors } from "../../../channels/whatsapp/account-updates.ts";
import {
  DID_NOT_REQUEST_CODE,
  type InboundMessage,
  readInbound,
} from "../../../channels/whatsapp/inbound.ts";
import type { SharedCircuits } from "../../../channels/whatsapp/shared-circuits.ts";
import { readStatuses } from "../../../channels/whatsapp/updates.ts";
import type { Change } from "../../../channels/whatsapp/webhook.ts";
import type { EventType } from "../../../events/event.ts";
import { makeId } from "../../../ids/id.ts";
import { keywordIn } from "../../../notifications/consent.ts";
import { WINDOW_MS } from "../../../notifications/contact-state.ts";
import type { Conversation, UserMessage } from "../../../notifications/conversation.ts";
import type { Notifications } from "../../../notifications/notifications.ts";
import { maskNumber } from "../../../numbering/e164.ts";
import type { Keyring } from "../../../platform/keyring.ts";
import { toIso } from "../../../platform/time.ts";
import type { Templates } from "../../../templates/templates.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { recordStatuses } from "./statuses.ts";

export interface Appliers {
  readonly verifications: Verifications;
  readonly notifications: Notifications;
  readonly conversation: Conversation;
  readonly templates: Templates;
  readonly circuits: SharedCircuits;
  readonly keyring: Keyring;
  /** Puts events on the queue; rejects when it does not take them. */
  readonly publish: (events: readonly NoticeEvent[]) => Promise<void>;
}

/**
 * Starts everything that a webhook's changes ask for, side by side. Each promise stands for one effect and
 * resolves once that is durable; all of them may be repeated.
 */
export function applyChanges(
  changes: readonly Change[],
  wanted: ReadonlySet<string>,
  { verifications, notifications, conversation, templates, circuits, keyring, publish }: Appliers,
): readonly Promise<void>[] {
  const inbound = changes.flatMap(readInbound);
  for (const broad of changes.flatMap(readSharedErrors)) circuits.trip(broad);
  const notices = [
    ...inbound.map((message) => received(message, keyring)),
    ...changes.flatMap((change) => noticeOf(change)),
  ].filter(({ type }) => wanted.has(type));
  return [
    ...recordStatuses(changes.flatMap(readStatuses), { verifications, notifications }),
    ...inbound.flatMap((message) =>
      isFromUser(message) ? conversation.received(toUserMessage(message)) : [],
    ),
    ...inbound
      .filter(isDenial)
      .map(({ from, id, contextId }) =>
        verifications.deny(from, { tapId: id, providerMessageId: contextId }),
      ),
    templates.applyWebhook(changes),
    ...(notices.length > 0 ? [publish(notices)] : []),
  ];
}

/** One that names no number cannot be acted on; it is still told to the team. */
type NumberedMessage = InboundMessage & { from: NonNullable<InboundMessage["from"]> };

function isFromUser(message: InboundMessage): message is NumberedMessage {
  return message.from !== null && isUsersOwn(message);
}

/** What WhatsApp says about a user is none of their messages, and opens no window. */
function isUsersOwn({ type }: InboundMessage): boolean {
  return type !== "system";
}

function isDenial(message: InboundMessage): message is NumberedMessage {
  return message.buttonPayload === DID_NOT_REQUEST_CODE && message.from !== null;
}

/** Whoever asks for silence, or for no more codes, gets no automatic answer. */
function toUserMessage(message: NumberedMessage): UserMessage {
  const { from, id, at, text, buttonPayload } = message;
  const keyword = keywordIn(text ?? buttonPayload ?? "");
  return { from, id, at, keyword, mayBeAnswered: keyword !== "stop" && !isDenial(message) };
}

/** The whole numbers travel sealed; the team's endpoint gets them opened. */
function received(message: InboundMessage, keyring: Keyring): NoticeEvent {
  const { id, from, fromUserId, at, type, text, buttonPayload, contextId, system } = message;
  const newNumber = system?.newNumber ?? null;
  const event = eventId("message.received", id);
  return {
    kind: "notice",
    type: "message.received",
    at,
    id: event,
    data: {
      channel: "whatsapp",
      from: from && maskNumber(from),
      from_user_id: fromUserId,
      type,
      text,
      button_payload: buttonPayload,
      received_at: toIso(at),
      window_ends_at: isUsersOwn(message) ? toIso(at + WINDOW_MS) : null,
      system: system && { type: system.type, new_number: newNumber && maskNumber(newNumber) },
    },
    sealed: {
      // WhatsApp's message ids contain numbers.
      message_id: keyring.seal(id, event),
      ...(contextId !== null && { context_id: keyring.seal(contextId, event) }),
      ...(from !== null && { from: keyring.seal(from, event) }),
      ...(newNumber !== null && { new_number: keyring.seal(newNumber, event) }),
    },
  };
}

function noticeOf({ field, value, account, time }: Change): readonly NoticeEvent[] {
  const type = noticeType({ field, value, account, time });
  if (type === null) return [];
  const id = eventId(type, JSON.stringify([field, account, time, value]));
  return [{ kind: "notice", type, id, at: time > 0 ? time * 1000 : Date.now(), data: { field, ...value } }];
}

/** The same for the same occurrence, however often Meta repeats it. */
function eventId(type: EventType, occurrence: string): string {
  return makeId("evt_", createHash("sha256").update(`${type} ${occurrence}`).digest().subarray(0, 16));
}
