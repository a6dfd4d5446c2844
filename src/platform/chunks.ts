import { Buffer } from "node:buffer";

/** The limits of one `sendBatch` call, the queue's overhead on each message included ("Queues limits"). D1's are higher. */
const LIMITS = { items: 100, bytes: 256_000 };
const OVERHEAD_BYTES = 100;

/**
 * Sends any number of bodies to a queue, in as few calls as its limits allow. Rejects when a call fails; the
 * bodies of earlier calls are on the queue then, and a repeat sends them again.
 */
export async function sendAll<Body>(queue: Queue<Body>, bodies: readonly Body[]): Promise<void> {
  for (const chunk of chunksOf(bodies)) await queue.sendBatch(chunk.map((body) => ({ body })));
}

/** Splits items, in their order, into chunks that fit into one call as JSON. */
export function* chunksOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  // The usual case, and the only one that needs no size.
  if (items.length === 1) return yield items;
  let chunk: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + OVERHEAD_BYTES;
    if (chunk.length === LIMITS.items || (chunk.length > 0 && bytes + size > LIMITS.bytes)) {
      yield chunk;
      [chunk, bytes] = [[], 0];
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
