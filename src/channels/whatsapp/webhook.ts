import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";

/**
 * Whether Meta sent these bytes: `X-Hub-Signature-256` is the HMAC-SHA-256 of the raw body under the app
 * secret (Graph API, "Webhooks: Getting Started"). Compared in constant time, before anything is parsed.
 */
export function isSigned(rawBody: Uint8Array, header: string | undefined, appSecret: string): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header ?? "")?.[1];
  if (hex === undefined) return false;
  const expected = createHmac("sha256", appSecret).update(rawBody).digest();
  return timingSafeEqual(expected, Buffer.from(hex, "hex"));
}

const webhook = z.object({ entry: z.array(z.unknown()) });
const entry = z.object({
  id: z.string().catch(""),
  time: z.number().catch(0),
  changes: z.array(z.unknown()),
});
/** Values are read where they are understood. */
const change = z.object({ field: z.string(), value: z.record(z.string(), z.unknown()) });

/** One change of one field. */
export interface Change {
  readonly field: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Of the entry it came in: the account, and when. Together with the value they tell one change from another. */
  readonly account: string;
  readonly time: number;
}

/**
 * Reads the changes out of one of Meta's webhooks (Graph API, "Webhooks"), up to 1,000 of them. What this
 * service does not know is passed over, and hides nothing beside it: Meta adds fields without notice, and a
 * call that is refused only comes again.
 */
export function readChanges(body: unknown): readonly Change[] {
  const envelope = webhook.safeParse(body);
  return known(entry, envelope.data?.entry).flatMap(({ id, time, changes }) =>
    known(change, changes).map(({ field, value }) => ({ field, value, account: id, time })),
  );
}

/** The members of a list that fit a schema; the others are new to us. */
export function known<Schema extends z.ZodType>(schema: Schema, list: unknown): readonly z.output<Schema>[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one) => {
    const parsed = schema.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}
