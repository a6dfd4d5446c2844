import { ownerOf } from "../ids/verification-id.ts";
import type { Message, MessageStatus } from "../messages/message.ts";
import type { EventVerification } from "../phone-number/event.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import { toIso } from "../platform/time.ts";
import { hourOf } from "./hour.ts";

/** A row of the journal; `migrations/` says what each column is for. */
export type JournalRow = Readonly<ReturnType<typeof toRow>>;

export type ClosedVerification = EventVerification & { readonly closedAt: number };

/** A verification as the journal remembers it: its number masked, its messages without their provider's ids. */
export interface JournaledVerification extends Omit<VerificationSnapshot, "to" | "messages"> {
  readonly to: string;
  readonly messages: readonly JournaledMessage[];
}

type Milestone = "sentAt" | "deliveredAt" | "readAt";

type JournaledMessage = Omit<Message, "leasedAt" | "timeToLiveSeconds" | Milestone> & {
  readonly providerMessageId: null;
};

/** As a message stands in the column `messages`. */
interface StoredMessage extends Pick<Message, "channel" | "status" | "template" | "language"> {
  readonly error: Message["error"];
  readonly pricing: Message["pricing"];
  readonly created_at: string;
  readonly updated_at: string;
}

/** The statuses of a message that has passed a milestone. */
const PASSED: Readonly<Record<Milestone, ReadonlySet<MessageStatus>>> = {
  sentAt: new Set(["sent", "delivered", "read"]),
  deliveredAt: new Set(["delivered", "read"]),
  readAt: new Set(["read"]),
};

/** Writes a closed verification down. */
export function toRow(verification: ClosedVerification) {
  const { id, messages, bind } = verification;
  const newest = messages.at(-1);
  const withError = messages.findLast(({ error }) => error !== null);
  const billed = messages.filter(({ pricing }) => pricing?.billable);
  const priced = billed.at(-1) ?? messages.findLast(({ pricing }) => pricing !== null);
  return {
    hour: hourOf(verification.createdAt),
    number_tag: ownerOf(id),
    id,
    number_masked: verification.toMasked,
    country: verification.country,
    purpose: verification.purpose,
    test: verification.test ? 1 : 0,
    locale: verification.locale,
    status: verification.status,
    reason: verification.reason,
    channel: newest?.channel ?? null,
    template: newest?.template ?? null,
    language: newest?.language ?? null,
    error_code: withError?.error?.code ?? null,
    error_channel: withError?.channel ?? null,
    sends: messages.length,
    sends_remaining: verification.sendsRemaining,
    attempts_remaining: verification.attemptsRemaining,
    price_category: priced?.pricing?.category ?? null,
    billed_messages: billed.length,
    sent_at: firstTo("sentAt", messages),
    delivered_at: firstTo("deliveredAt", messages),
    read_at: firstTo("readAt", messages),
    created_at: verification.createdAt,
    closed_at: verification.closedAt,
    expires_at: verification.expiresAt,
    metadata: JSON.stringify(verification.metadata),
    bind: bind && JSON.stringify(bind),
    messages: JSON.stringify(messages.map(store)),
    identity_changed: verification.identityChanged ? 1 : 0,
    revision: verification.revision,
  };
}

/** Reads a row back. */
export function fromRow(row: JournalRow): JournaledVerification {
  const messages: readonly StoredMessage[] = JSON.parse(row.messages);
  return {
    id: row.id,
    to: row.number_masked,
    test: row.test === 1,
    status: row.status,
    reason: row.reason,
    purpose: row.purpose,
    channel: row.channel,
    locale: row.locale,
    bind: row.bind === null ? null : JSON.parse(row.bind),
    metadata: JSON.parse(row.metadata),
    identityChanged: row.identity_changed === 1,
    attemptsRemaining: row.attempts_remaining,
    sendsRemaining: row.sends_remaining,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    resendAt: null,
    closedAt: row.closed_at,
    messages: messages.map(({ created_at, updated_at, ...message }) => ({
      ...message,
      providerMessageId: null,
      createdAt: Date.parse(created_at),
      updatedAt: Date.parse(updated_at),
    })),
  };
}

/**
 * When the first of the messages passed a milestone. One of whose passing no update told passed it at the
 * latest with its newest status: who has read it has received it.
 */
export function firstTo(
  milestone: Milestone,
  messages: readonly Pick<Message, Milestone | "status" | "updatedAt">[],
): number | null {
  const times = messages.flatMap((message) => {
    const implied = PASSED[milestone].has(message.status) ? message.updatedAt : null;
    return message[milestone] ?? implied ?? [];
  });
  return times.length === 0 ? null : Math.min(...times);
}

function store({ channel, status, template, language, error, pricing, ...times }: Message): StoredMessage {
  return {
    channel,
    status,
    template,
    language,
    error,
    pricing,
    created_at: toIso(times.createdAt),
    updated_at: toIso(times.updatedAt),
  };
}
