import { Buffer } from "node:buffer";
import type { NoticeEvent } from "../../src/channels/channel.ts";
import type { Event } from "../../src/events/event.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { NotificationId } from "../../src/ids/notification-id.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { newVerificationId } from "../../src/ids/verification-id.ts";
import { type E164, maskNumber } from "../../src/numbering/e164.ts";
import type { EventVerification, VerificationEvent } from "../../src/phone-number/event.ts";
import type { Keyring } from "../../src/platform/keyring.ts";

/** An event about a verification as a number's object makes it, with a message id that contains the number. */
export function verificationEvent(
  keyring: Keyring,
  to: string,
  type: VerificationEvent["type"] = "verification.approved",
): VerificationEvent {
  const number = to as E164;
  const at = Date.now();
  const [name] = namesOf(keyring, number);
  const id = newVerificationId(name);
  const verification: EventVerification = {
    id,
    app: DEFAULT_APP,
    via: "v1",
    method: "code",
    numberLearned: false,
    otherNumberEndsWith: null,
    codeCheckedBy: "sandi",
    revision: 1,
    status: "approved",
    reason: null,
    purpose: "login",
    channel: "whatsapp",
    locale: "id",
    bind: null,
    identityChanged: false,
    test: false,
    network: null,
    metadata: { order_id: "A-77" },
    attemptsRemaining: 4,
    sendsRemaining: 4,
    createdAt: at - 9000,
    expiresAt: at + 291_000,
    resendAt: null,
    closedAt: at,
    messages: [
      {
        channel: "whatsapp",
        status: "read",
        template: "verification_code",
        language: "id",
        error: null,
        providerMessageId: `wamid.${Buffer.from(`\x1d\x03${to.slice(1)}\x15\x02`).toString("base64")}`,
        pricing: null,
        leasedAt: null,
        timeToLiveSeconds: null,
        sentAt: null,
        deliveredAt: null,
        readAt: null,
        createdAt: at - 9000,
        updatedAt: at - 8000,
      },
    ],
    toMasked: maskNumber(number),
    toSealed: keyring.seal(to, name),
    country: "ID",
  };
  return { kind: "verification", id: `evt_${id.slice(4)}_1`, type, at, verification };
}

/** An event about a received message: numbers are masked in its data, and sealed beside it. */
export function noticeEvent(keyring: Keyring, from: string): NoticeEvent {
  const id = `evt_${crypto.randomUUID()}`;
  return {
    kind: "notice",
    id,
    type: "message.received",
    at: Date.now(),
    data: {
      channel: "whatsapp",
      from: maskNumber(from as E164),
      system: { new_number: "+62***1" },
      text: "Hi",
    },
    sealed: { from: keyring.seal(from, id), new_number: keyring.seal("+6281234567891", id) },
  };
}

/** An event of each kind, with what the service fills in. */
export function eventsOfEachKind(keyring: Keyring): Readonly<Record<Event["kind"], Event>> {
  const to = "+6281234567890";
  const made = verificationEvent(keyring, to, "verification.message");
  const { verification, at, id } = made;
  const { toMasked, toSealed, country, app, metadata } = verification;
  const [first] = verification.messages;
  if (first === undefined) throw new Error("The event should have a message");
  const pricing = { category: "authentication", billable: true };
  const times = { leasedAt: at, sentAt: at + 812, deliveredAt: at + 1655, readAt: at + 9120 };
  const message = {
    ...first,
    ...times,
    pricing,
    providerMessageId: null,
    timeToLiveSeconds: 300,
    sender: "106540352242922",
  };
  return {
    verification: { ...made, verification: { ...verification, messages: [message] } },
    notification: {
      kind: "notification",
      id: `evt_ntf_${id.slice(4)}`,
      type: "notification.delivered",
      at,
      notification: {
        id: `ntf_${id.slice(4, 30)}` as NotificationId,
        app,
        batch: null,
        status: "delivered",
        template: "shipping_update",
        language: "id",
        metadata,
        error: null,
        providerMessageId: null,
        pricing: { category: "utility", billable: true },
        createdAt: at,
        updatedAt: at + 1655,
        sentAt: at + 812,
        deliveredAt: at + 1655,
        readAt: null,
        toMasked,
        toSealed,
        country,
        revision: 2,
      },
    },
    guard: {
      kind: "guard",
      id,
      type: "guard.blocked",
      at,
      decision: {
        rule: "range_hour",
        code: "traffic_blocked",
        refused: true,
        figures: { sent: 120, approved: 3 },
        limits: { sent: 100 },
        app,
        purpose: "login",
        country,
        callerId: "key_6b1f0c2d",
        to: "+62812345****",
      },
      toSealed: keyring.seal(to, id),
    },
    notice: noticeEvent(keyring, to),
  };
}
