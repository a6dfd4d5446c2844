import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";

/**
 * Verifies that Meta sent these bytes: `X-Hub-Signature-256` is the HMAC-SHA-256 of the raw body under the
 * app secret (Graph API, "Webhooks: Getting Started"). Compared in constant time, before anything is parsed.
 */
export function isSignedByMeta(rawBody: Uint8Array, header: string | undefined, appSecret: string): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header ?? "")?.[1];
  if (hex === undefined) return false;
  const expected = createHmac("sha256", appSecret).update(rawBody).digest();
  return timingSafeEqual(expected, Buffer.from(hex, "hex"));
}

const webhook = z.object({ entry: z.array(z.unknown()) });
/** Meta writes its ids as strings, and some of them as numbers. */
const metaId = z.union([z.string(), z.int()]).transform(String);
/** Later times are no seconds, or no times at all. */
const LATEST_TIME = 99_999_999_999;
const entry = z.object({
  id: metaId.catch(""),
  time: z.coerce.number().int().min(0).max(LATEST_TIME).catch(0),
  changes: z.array(z.unknown()),
});
/** Each field's reader parses `value`. */
const change = z.object({ field: z.string(), value: z.record(z.string(), z.unknown()) });

/** One change of one webhook field. */
export interface Change {
  readonly field: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** The account and time (Unix seconds) of its entry. Together with the value they identify a change. */
  readonly account: string;
  readonly time: number;
}

/**
 * Reads the changes of a webhook (Graph API, "Webhooks"); a body holds up to 1,000. Unknown parts are skipped
 * without affecting the rest: Meta adds fields without notice, and repeats webhooks that are rejected.
 */
export function readChanges(body: unknown, onSkipped?: OnSkipped): readonly Change[] {
  const envelope = webhook.safeParse(body);
  return known(entry, envelope.data?.entry, onSkipped).flatMap(({ id, time, changes }) =>
    known(change, changes, onSkipped).map(({ field, value }) => ({ field, value, account: id, time })),
  );
}

/** Called for each part that was not understood, so that the endpoint can log their number. */
export type OnSkipped = () => void;

/** The items of a list that match a schema; items of unknown kinds are skipped. */
export function known<Schema extends z.ZodType>(
  schema: Schema,
  list: unknown,
  onSkipped?: OnSkipped,
): readonly z.output<Schema>[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const parsed = schema.safeParse(item);
    if (!parsed.success) onSkipped?.();
    return parsed.success ? [parsed.data] : [];
  });
}

const metadata = z.object({ phone_number_id: metaId });

/** The sender of a change of the field `messages`, by Meta's id; null where it names none. */
export function senderOf({ value }: Change): string | null {
  return metadata.safeParse(value.metadata).data?.phone_number_id ?? null;
}

/** The ids of this deployment at Meta. */
export interface OwnIds {
  readonly businessAccountId: string;
  readonly phoneNumberIds: ReadonlySet<string>;
}

/** The changes of a webhook that are this deployment's, and the ids of the others. */
export interface SortedChanges {
  readonly own: readonly Change[];
  readonly foreign: { readonly count: number; readonly ids: readonly string[] };
}

/** As many ids as a log line needs to tell whose webhooks come here. */
const SHOWN_IDS = 5;

/**
 * Sorts out what is about another account or sender. One app serves several accounts, and template and account
 * webhooks of all of them come to the app's one address, also where its accounts have an override ("Webhook
 * overrides"); a number may also be used by another system.
 */
export function sortChanges(changes: readonly Change[], ids: OwnIds): SortedChanges {
  const foreignIds = changes.map((change) => foreignIdOf(change, ids));
  const foreign = foreignIds.filter((id) => id !== null);
  return {
    own: changes.filter((_, index) => foreignIds[index] === null),
    foreign: { count: foreign.length, ids: [...new Set(foreign)].slice(0, SHOWN_IDS) },
  };
}

/** The account or sender that is not this deployment's; null for a change that is. */
function foreignIdOf(change: Change, { businessAccountId, phoneNumberIds }: OwnIds): string | null {
  if (change.account !== businessAccountId) return `account ${change.account.slice(0, LONGEST_ID)}`;
  if (change.field !== "messages") return null;
  const sender = senderOf(change) ?? "unknown";
  return phoneNumberIds.has(sender) ? null : `sender ${sender.slice(0, LONGEST_ID)}`;
}

/** Meta's ids have at most 20 digits. */
const LONGEST_ID = 32;
