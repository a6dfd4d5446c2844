import type { IncomingMessage } from "node:http";

/** What the platform takes in one call ("Queues limits"). */
const MOST = { messages: 100, bytes: 256_000, bytesEach: 128_000 };

/** A message on its way in. */
export interface Incoming {
  /** JSON. */
  readonly text: string;
  readonly delaySeconds: number;
}

interface RawBatch {
  readonly messages: readonly { readonly body: string; readonly delaySecs?: number }[];
}

/** Reads what workerd's binding sends: one message as it is, or several in base64. Null where that is too much. */
export function readCall({ url, headers }: IncomingMessage, body: string): readonly Incoming[] | null {
  const messages = url?.endsWith("/batch")
    ? (JSON.parse(body) as RawBatch).messages.map(({ body: encoded, delaySecs = 0 }) => ({
        text: Buffer.from(encoded, "base64").toString(),
        delaySeconds: delaySecs,
      }))
    : [{ text: body, delaySeconds: Number(headers["x-msg-delay-secs"] ?? 0) }];
  const sizes = messages.map(({ text }) => Buffer.byteLength(text));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const isTooMuch =
    messages.length > MOST.messages || bytes > MOST.bytes || Math.max(...sizes) > MOST.bytesEach;
  return isTooMuch ? null : messages;
}
