import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { PhoneNumberName } from "../../src/ids/phone-number-name.ts";
import { namesOf } from "../../src/ids/phone-number-name.ts";
import { newVerificationId } from "../../src/ids/verification-id.ts";
import { JournalTables } from "../../src/journal/tables.ts";
import { weekOf } from "../../src/journal/weeks.ts";
import type { Message, MessageStatus } from "../../src/messages/message.ts";
import { type E164, maskNumber } from "../../src/numbering/e164.ts";
import type { EventVerification, VerificationEvent } from "../../src/phone-number/event.ts";
import { Keyring } from "../../src/platform/keyring.ts";

/** A seeded generator (mulberry32): it draws the same sequence in every run, so that failures are repeatable. */
export function randomFrom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  const pick = <Item>(items: readonly [Item, ...Item[]]): Item => items[below(items.length)] ?? items[0];
  const shuffled = <Item>(items: readonly Item[]): Item[] =>
    items
      .map((item) => [next(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  return { below, pick, shuffled };
}
export type Random = ReturnType<typeof randomFrom>;

/** The states of a verification in order, each with a larger revision, pending ones first. */
export type History = readonly EventVerification[];

export const keyring = new Keyring(env.SECRET_KEY);
export const BEGINNING = Date.UTC(2026, 10, 23);

type Origin = readonly [country: string | null, prefix: string];
const ORIGINS: readonly [Origin, ...Origin[]] = [
  ["ID", "+62812"],
  ["BR", "+551199"],
  ["DE", "+49151"],
  [null, "+882169"],
];

/** Returns a message id as WhatsApp makes them: it contains the recipient's number. */
export function wamid(number: string): string {
  return `wamid.${Buffer.from(`\x1c\x18\x0c${number.slice(1)}\x15\x02\x00\x11`, "latin1").toString("base64")}`;
}

function message(random: Random, number: string, status: MessageStatus, createdAt: number): Message {
  const isSms = random.below(5) === 0;
  const failed = status === "failed";
  const drawn: Message = {
    channel: isSms ? "sms" : "whatsapp",
    status,
    template: isSms ? null : "verification_code",
    language: isSms ? null : random.pick(["id", "en_US"]),
    providerMessageId: wamid(number),
    error: failed
      ? { code: "131026", title: "It cannot be reached", action: "Reach this user another way." }
      : null,
    pricing:
      isSms || failed
        ? null
        : { category: random.pick(["authentication", "utility"]), billable: random.below(4) > 0 },
    leasedAt: null,
    timeToLiveSeconds: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    createdAt,
    updatedAt: createdAt + random.below(9000),
  };
  return isSms ? drawn : { ...drawn, sender: `10654035224292${number.at(-1)}` };
}

/** Draws the history of a verification; its last state is closed. */
export function drawHistory(
  random: Random,
  given: Partial<EventVerification> & { readonly number?: string } = {},
): History {
  const { number: givenNumber, ...fixed } = given;
  const [country, prefix] = random.pick(ORIGINS);
  const number = (givenNumber ?? `${prefix}${10_000_000 + random.below(90_000_000)}`) as E164;
  const createdAt = fixed.createdAt ?? BEGINNING + random.below(3 * 86_400_000);
  const status = random.pick<EventVerification["status"]>([
    "approved",
    "approved",
    "approved",
    "expired",
    "failed",
    "canceled",
  ]);
  const sent = random.pick<MessageStatus>(["queued", "sent", "delivered", "read", "failed"]);
  const earlier = random.below(4) === 0 ? [message(random, number, "failed", createdAt)] : [];
  const newest = message(random, number, sent, createdAt + 100);
  const base: EventVerification = {
    id: newVerificationId(namesOf(keyring, number)[0]),
    app: DEFAULT_APP,
    via: "v1",
    method: "code",
    numberLearned: false,
    otherNumberEndsWith: null,
    codeCheckedBy: "sandi",
    status: "pending",
    reason: null,
    identityChanged: false,
    test: false,
    network: null,
    purpose: random.pick(["login", "signup", "transaction"]),
    channel: newest.channel,
    locale: "id",
    bind: random.below(5) === 0 ? { amount: "10.00", currency: "EUR", payee: 'O\'Hara "Ñ"' } : null,
    metadata: { order_id: `A-${random.below(1000)}` },
    attemptsRemaining: 4,
    sendsRemaining: 3,
    createdAt,
    expiresAt: createdAt + 300_000,
    resendAt: createdAt + 30_000,
    closedAt: null,
    revision: 0,
    messages: [...earlier, { ...newest, status: "queued", pricing: null }],
    toMasked: maskNumber(number),
    toSealed: keyring.seal(number, "any"),
    country,
    ...fixed,
  };
  const closing: Partial<EventVerification> = {
    status,
    reason: status === "failed" ? "undeliverable" : null,
    resendAt: null,
    closedAt: createdAt + 1 + random.below(120_000),
    attemptsRemaining: 3,
  };
  const pending = random.below(3);
  const states: EventVerification[] = [
    ...Array.from({ length: pending }, () => base),
    { ...base, ...closing, ...fixed },
    { ...base, ...closing, messages: [...earlier, { ...newest, pricing: null }], ...fixed },
    { ...base, ...closing, messages: [...earlier, newest], ...fixed },
  ];
  return states.slice(0, pending + 1 + random.below(3)).map((state, at) => ({ ...state, revision: at + 1 }));
}

export function eventsOf(histories: readonly History[]): VerificationEvent[] {
  return histories.flat().map((verification) => ({
    kind: "verification",
    id: `evt_${verification.id.slice(4)}_${verification.revision}`,
    type: "verification.message",
    at: verification.createdAt,
    verification,
  }));
}

export function lastOf(history: History): EventVerification {
  const last = history.at(-1);
  if (last === undefined) throw new Error("A history has at least one state");
  return last;
}

/** Splits items into batches of the size that the queue delivers. */
export function batches<Item>(items: readonly Item[], size = 100): readonly Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

/** The contents of all tables of the database. */
export async function dump(): Promise<string> {
  const { results } = await env.JOURNAL.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name <> 'd1_migrations' ORDER BY 1",
  ).all<{ name: string }>();
  const tables = await Promise.all(
    results.map(({ name }) =>
      env.JOURNAL.prepare(`SELECT * FROM "${name}"`)
        .all()
        .then((rows) => [name, rows.results]),
    ),
  );
  return JSON.stringify(tables);
}

/**
 * Inserts many rows of expired verifications directly, beginning at a time in milliseconds since the epoch. They have to
 * be of one week.
 */
export async function fill(
  tag: PhoneNumberName,
  count: number,
  { first = 1, everyMs = 1 }: { readonly first?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const table = weekOf("verifications", first);
  await new JournalTables(env.JOURNAL).change("verifications", { make: [table], drop: [] });
  await fillTable(table.name, "hour, minute,", "i / 3600000, i / 60000 % 60,", {
    tag,
    count,
    first,
    everyMs,
  });
}

/** The same in the table from before there were weeks. */
export async function fillFormer(
  tag: PhoneNumberName,
  count: number,
  { first, everyMs }: { readonly first: number; readonly everyMs: number },
): Promise<void> {
  const rows = { tag, count, first, everyMs };
  await fillTable("verifications_before_weeks", "hour,", "i / 3600000,", rows);
}

interface FilledRows {
  readonly tag: PhoneNumberName;
  readonly count: number;
  readonly first: number;
  readonly everyMs: number;
}

async function fillTable(
  table: string,
  key: string,
  keyOf: string,
  { tag, count, first, everyMs }: FilledRows,
): Promise<void> {
  // D1 binds numbers as floating point, and the hour must be an integer.
  await env.JOURNAL.prepare(
    `WITH RECURSIVE n(i) AS (
       SELECT CAST(?2 AS INTEGER) UNION ALL SELECT i + CAST(?4 AS INTEGER) FROM n WHERE i < ?2 + (?3 - 1) * ?4
     )
     INSERT INTO ${table} (${key} created_at, id, number_tag, number_masked, purpose, locale, status, sends,
       sends_remaining, attempts_remaining, billed_messages, closed_at, expires_at, metadata, messages, revision)
     SELECT ${keyOf} i, 'vrf_' || ?1 || printf('%09d', i % 1000000000) || '0', ?1, '+62*90', 'login', 'id', 'expired', 1,
       1, 1, 0, i, i, '{}', '[]', 1 FROM n`,
  )
    .bind(tag, first, count, everyMs)
    .run();
}

/** Deletes all verifications and notifications. */
export async function clear(): Promise<void> {
  const { results } = await env.JOURNAL.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table'
       AND (name GLOB 'verifications_*' OR name GLOB 'notifications_*')`,
  ).all<{ name: string }>();
  const deletes = results.map(({ name }) => env.JOURNAL.prepare(`DELETE FROM ${name}`));
  if (deletes.length > 0) await env.JOURNAL.batch(deletes);
}
