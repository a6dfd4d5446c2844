import * as z from "zod";
import { VIA_NAMES } from "../ids/via.ts";
import { CHANNEL_NAMES, type Message } from "../messages/message.ts";
import { METHODS } from "../phone-number/message-link.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import { CLOSING_REASONS } from "../phone-number/verification.ts";
import { described, documented } from "../platform/documented.ts";
import { toIso, toIsoOrNull } from "../platform/time.ts";
import { messageErrorBody } from "./message-error.ts";

const time = documented(() => z.iso.datetime().meta({ description: "UTC, with milliseconds." }));

/** What a code confirms besides the phone number. */
export const binding = z
  .strictObject({
    amount: z
      .string()
      .regex(/^\d{1,15}(\.\d{1,4})?$/, "Give a decimal number as a string, such as 150000.00."),
    currency: z.string().regex(/^[A-Z]{3}$/, "Give an ISO 4217 code, such as IDR."),
    payee: z.string().min(1).max(140),
  })
  .meta(
    described({
      id: "Binding",
      description: "What the code confirms. Only a check with exactly this binding is valid.",
      examples: [{ amount: "150000.00", currency: "IDR", payee: "Toko Maju" }],
    }),
  );

export const verificationStatus = z.enum(["pending", "approved", "canceled", "expired", "failed"]);

const messageBody = documented(() =>
  z
    .object({
      channel: z.enum(CHANNEL_NAMES),
      status: z.enum(["queued", "sent", "delivered", "read", "failed"]),
      template: z.string().nullable(),
      language: z.string().nullable(),
      provider_message_id: z.string().nullable(),
      error: messageErrorBody.nullable(),
      created_at: time,
      updated_at: time,
    })
    .meta({ id: "Message" }),
);

/** What the user is to send. Only the answer to a start has it, because it is the secret. */
const messageFirstBody = documented(() =>
  z
    .object({
      url: z.string().meta({
        description:
          "Opens WhatsApp with the text, ready to send: as a link on a phone, as a QR code elsewhere.",
      }),
      text: z.string().meta({ description: "For the user to copy where no link works." }),
      sender: z.string().meta({ description: "The number that it goes to, in E.164." }),
      expires_at: time,
    })
    .meta({ id: "MessageFirst" }),
);

/** A verification, as answers, events and the list of the journal show it. */
export const verificationBody = documented(() =>
  z
    .object({
      id: z.string(),
      app: z.string().meta({ description: "The app that it belongs to." }),
      via: z.enum(VIA_NAMES).meta({
        description: "The API that started it: this one, or one that is compatible with another system.",
      }),
      test: z
        .boolean()
        .meta({ description: "True for a test number: its code is configured, and nothing was sent." }),
      status: verificationStatus,
      reason: z.enum(CLOSING_REASONS).nullable().meta({
        description: "Why it failed, or that a newer verification for the same purpose superseded it.",
      }),
      method: z.enum(METHODS).meta({
        description:
          "`code`: the user types what they were sent. `message`: they send a message from their phone.",
      }),
      message_first: messageFirstBody.nullable().meta({
        description: "What the user is to send; only in the answer to a start with the method `message`.",
      }),
      number_learned: z
        .boolean()
        .meta({ description: "True where `to` is the number that the user's message came from." }),
      other_number_ends_with: z.string().nullable().meta({
        description:
          "The last two digits of the number that the message came from, with the reason `other_number`.",
      }),
      purpose: z.string(),
      to: z.string().nullable().meta({
        description: "In E.164; null until it is learned from the user's message.",
      }),
      channel: z.enum(CHANNEL_NAMES).nullable().meta({ description: "The channel of the newest message." }),
      locale: z.string(),
      bind: binding.nullable(),
      metadata: z.record(z.string(), z.string()),
      identity_changed: z.boolean().meta({
        description:
          "The phone behind the number has changed since it was last verified; see the guard's identity_change.",
      }),
      attempts_remaining: z.int().meta({ description: "Checks left before it fails." }),
      sends_remaining: z.int().meta({ description: "Messages left, on all channels together." }),
      created_at: time,
      expires_at: time,
      resend_at: time.nullable().meta({
        description:
          "When a resend over the same channel is allowed; null when there is none left. Another channel waits for nothing.",
      }),
      closed_at: time.nullable(),
      messages: z.array(messageBody).meta({ description: "Oldest first." }),
    })
    .meta({ id: "Verification" }),
);

export const checkedBody = documented(() =>
  verificationBody
    .extend({
      valid: z.boolean().meta({ description: "True for the right code, in time, at most once." }),
      proof: z
        .string()
        .optional()
        .meta({ description: "The signed proof, where the check was valid and asked for one." }),
    })
    .meta({ id: "CheckedVerification" }),
);

/** The parts of a verification that its body shows. In the journal the number is masked. */
export interface ShownVerification extends Omit<VerificationSnapshot, "to" | "messages"> {
  readonly to: string | null;
  readonly messages: readonly Pick<
    Message,
    | ("channel" | "status" | "template" | "language" | "providerMessageId")
    | ("error" | "createdAt" | "updatedAt")
  >[];
}

/** The message that a user is to send, for the answer to the start. */
export interface ShownLink {
  readonly url: string;
  readonly text: string;
  readonly sender: string;
  readonly expiresAt: number;
}

export function toVerificationBody(
  verification: ShownVerification,
  link: ShownLink | null = null,
): z.input<typeof verificationBody> {
  const { id, app, via, test, status, reason, purpose, to, channel, locale, bind, metadata } = verification;
  return {
    id,
    app,
    via,
    test,
    status,
    reason,
    method: verification.method,
    message_first: link && {
      url: link.url,
      text: link.text,
      sender: link.sender,
      expires_at: toIso(link.expiresAt),
    },
    number_learned: verification.numberLearned,
    other_number_ends_with: verification.otherNumberEndsWith,
    purpose,
    to,
    channel,
    locale,
    bind,
    metadata,
    identity_changed: verification.identityChanged,
    attempts_remaining: verification.attemptsRemaining,
    sends_remaining: verification.sendsRemaining,
    created_at: toIso(verification.createdAt),
    expires_at: toIso(verification.expiresAt),
    resend_at: toIsoOrNull(verification.resendAt),
    closed_at: toIsoOrNull(verification.closedAt),
    messages: verification.messages.map((message) => ({
      channel: message.channel,
      status: message.status,
      template: message.template,
      language: message.language,
      provider_message_id: message.providerMessageId,
      error: message.error,
      created_at: toIso(message.createdAt),
      updated_at: toIso(message.updatedAt),
    })),
  };
}
