import { createHash } from "node:crypto";
import type { NoticeEvent } from "../../../channels/channel.ts";
import {
  isAboutSenders,
  noticeType,
  observeAccount,
  readAccountUpdate,
  readSystemErrors,
} from "../../../channels/whatsapp/account-updates.ts";
import {
  DID_NOT_REQUEST_CODE,
  type InboundMessage,
  readInbound,
} from "../../../channels/whatsapp/inbound.ts";
import { numberInMessageId } from "../../../channels/whatsapp/message-id.ts";
import type { SenderProfiles } from "../../../channels/whatsapp/sender-profiles.ts";
import type { SharedCircuits } from "../../../channels/whatsapp/shared-circuits.ts";
import type { Change, OnSkipped } from "../../../channels/whatsapp/webhook.ts";
import type { FoundToken } from "../../../codes/token.ts";
import type { EventType } from "../../../events/event.ts";
import { makeId } from "../../../ids/id.ts";
import { WINDOW_MS } from "../../../notifications/contact-state.ts";
import type { Conversation, UserMessage } from "../../../notifications/conversation.ts";
import { keywordIn } from "../../../notifications/keywords.ts";
import type { Notifications } from "../../../notifications/notifications.ts";
import { maskNumber } from "../../../numbering/e164.ts";
import type { Keyring } from "../../../platform/keyring.ts";
import { toIso } from "../../../platform/time.ts";
import type { Templates } from "../../../templates/templates.ts";
import type { MessageFirst } from "../../../verification/message-first/message-first.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { recordStatuses } from "./statuses.ts";

export interface Appliers {
  readonly verifications: Verifications;
  readonly notifications: Notifications;
  readonly conversation: Conversation;
  readonly messageFirst: MessageFirst;
  readonly templates: Templates;
  readonly circuits: SharedCircuits;
  readonly senderProfiles: Pick<SenderProfiles, "expire">;
  readonly keyring: Keyring;
  /** Puts events on the queue; rejects when it does not take them. */
  readonly publish: (events: readonly NoticeEvent[]) => Promise<void>;
}

/**
 * Starts all effects of this deployment's changes, concurrently. Each promise is one effect and resolves once that is
 * durable. Effects are idempotent.
 *
 * @param subscribed The event types that a webhook endpoint receives.
 */
export function applyChanges(
  changes: readonly Change[],
  subscribed: ReadonlySet<string>,
  appliers: Appliers,
  onSkipped?: OnSkipped,
): readonly Promise<unknown>[] {
  const {
    verifications,
    notifications,
    messageFirst,
    templates,
    circuits,
    senderProfiles,
    keyring,
    publish,
  } = appliers;
  const now = Date.now();
  observeAccount(changes, circuits.observations, now);
  const inbound = changes
    .flatMap((change) => readInbound(change, onSkipped))
    .map((message) => ({ message, token: tokenIn(message, messageFirst) }));
  const reports = changes.flatMap((change) => [
    ...readSystemErrors(change, now, onSkipped),
    ...readAccountUpdate(change, now),
  ]);
  const notices = [
    // What a user sends to prove a number needs no answer from the team.
    ...inbound.flatMap(({ message, token }) => (token === null ? received(message, keyring) : [])),
    ...changes.flatMap((change) => noticeOf(change)),
  ].filter(({ type }) => subscribed.has(type));
  return [
    ...recordStatuses(changes, { verifications, notifications, circuits }, onSkipped),
    circuits.applyReports(reports),
    ...inbound.flatMap(({ message, token }) => applyMessage(message, token, appliers)),
    ...inbound
      .map(({ message }) => message)
      .filter(isDenial)
      .map(({ from, id, at, contextId }) =>
        verifications.deny({
          tap: { tapId: id, providerMessageId: contextId, at },
          from,
          numberInId: contextId === null ? null : numberInMessageId(contextId),
        }),
      ),
    templates.applyWebhook(changes),
    ...(changes.some(isAboutSenders) ? [senderProfiles.expire()] : []),
    ...(notices.length > 0 ? [publish(notices)] : []),
  ];
}

/** The token of this deployment in a message; null in nearly every one. */
function tokenIn({ text }: InboundMessage, messageFirst: MessageFirst): FoundToken | null {
  return text === null ? null : messageFirst.findToken(text);
}

/** The effects of one message on the conversation with its user, and on a verification that it may prove. */
function applyMessage(
  message: InboundMessage,
  token: FoundToken | null,
  { conversation, messageFirst }: Pick<Appliers, "conversation" | "messageFirst">,
): readonly Promise<unknown>[] {
  const { from, fromUserId, buttonPayload, system, sharedNumber, sender } = message;
  if (system?.type === "user_changed_number") {
    return from === null ? [] : [messageFirst.changedNumber(from, message.at)];
  }
  if (token !== null && from !== null) return [messageFirst.received(token, from, message)];
  if (token !== null && fromUserId !== null && sender !== null) {
    return [messageFirst.receivedWithoutNumber(token, fromUserId, sender, message)];
  }
  if (sharedNumber !== null && fromUserId !== null) {
    return [messageFirst.sharedNumber(fromUserId, sharedNumber, message)];
  }
  if (message.type === "contacts" && from === null) messageFirst.ignoreCard();
  if (!isFromUser(message)) return [];
  const recorded = conversation.received(toUserMessage(message, messageFirst));
  const disowned = messageFirst.disownedBy(buttonPayload ?? "");
  return disowned === null ? [recorded] : [recorded, messageFirst.disown(disowned, message.from, message)];
}

/** A message without a phone number has no effect but its event. */
type NumberedMessage = InboundMessage & { from: NonNullable<InboundMessage["from"]> };

function isFromUser(message: InboundMessage): message is NumberedMessage {
  return message.from !== null && isWrittenByUser(message);
}

/** System messages, such as a change of number, are WhatsApp's: they open no conversation window. */
function isWrittenByUser({ type }: InboundMessage): boolean {
  return type !== "system";
}

function isDenial({ buttonPayload }: InboundMessage): boolean {
  return buttonPayload === DID_NOT_REQUEST_CODE;
}

/** A user who opts out, denies having requested a code, or sends what looks like a token gets no automatic answer. */
function toUserMessage(message: NumberedMessage, messageFirst: MessageFirst): UserMessage {
  const { from, id, at, text, buttonPayload } = message;
  const keyword = keywordIn(text ?? buttonPayload ?? "");
  const hasWrongToken = text !== null && messageFirst.isWrongToken(text);
  const isTap = isDenial(message) || messageFirst.disownedBy(buttonPayload ?? "") !== null;
  const mayBeAnswered = keyword !== "stop" && !isTap && !hasWrongToken;
  return { from, id, at, keyword, mayBeAnswered, hasWrongToken };
}

/**
 * What a user wrote, the ids of messages, which contain numbers, and whole phone numbers are sealed: queues and the
 * database do not show them. The webhook endpoints receive them opened, in place of what the data has under that name.
 */
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
      message_id: null,
      context_id: null,
      type,
      text: null,
      button_payload: null,
      received_at: toIso(at),
      window_ends_at: isWrittenByUser(message) ? toIso(at + WINDOW_MS) : null,
      system: system && { type: system.type, new_number: newNumber && maskNumber(newNumber) },
    },
    sealed: sealAll(keyring, event, {
      message_id: id,
      context_id: contextId,
      from,
      new_number: newNumber,
      text,
      button_payload: buttonPayload,
    }),
  };
}

/** Seals the fields that are not null, for an event. */
function sealAll(
  keyring: Keyring,
  event: string,
  fields: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, text]) =>
      text === null ? [] : [[field, keyring.seal(text, event)]],
    ),
  );
}

function noticeOf({ field, value, account, time }: Change): readonly NoticeEvent[] {
  const type = noticeType({ field, value, account, time });
  if (type === null) return [];
  const id = eventId(type, JSON.stringify([field, account, time, value]));
  return [{ kind: "notice", type, id, at: time > 0 ? time * 1000 : Date.now(), data: { field, ...value } }];
}

/** Deterministic, so that Meta's repeats have the same id. */
function eventId(type: EventType, occurrence: string): string {
  return makeId("evt_", createHash("sha256").update(`${type} ${occurrence}`).digest().subarray(0, 16));
}
