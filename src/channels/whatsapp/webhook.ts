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
const entry = z.object({
  id: z.string().catch(""),
  time: z.number().catch(0),
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
export function readChanges(body: unknown): readonly Change[] {
  const envelope = webhook.safeParse(body);
  return known(entry, envelope.data?.entry).flatMap(({ id, time, changes }) =>
    known(change, changes).map(({ field, value }) => ({ field, value, account: id, time })),
  );
}

/** The items of a list that match a schema; items of unknown kinds are skipped. */
export function known<Schema extends z.ZodType>(schema: Schema, list: unknown): readonly z.output<Schema>[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}
