import { Buffer } from "node:buffer";

/** What a queue takes in one call, its own bytes on each message included ("Queues limits"); D1 takes more. */
const MOST = { items: 100, bytes: 256_000 };
const OVERHEAD_BYTES = 100;

/**
 * Gives any number of bodies to a queue, in as few calls as it allows. Rejects when one call is refused; what
 * went before is on the queue then, so that a repeat sends it again.
 */
export async function sendAll<Body>(queue: Queue<Body>, bodies: readonly Body[]): Promise<void> {
  for (const some of chunksOf(bodies)) await queue.sendBatch(some.map((body) => ({ body })));
}

/** Parts any number of items, in their order, into what goes out as JSON in one call. */
export function* chunksOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  // One is what objects mostly have, and nothing could be parted there.
  if (items.length === 1) return yield items;
  let portion: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + OVERHEAD_BYTES;
    if (portion.length === MOST.items || (portion.length > 0 && bytes + size > MOST.bytes)) {
      yield portion;
      [portion, bytes] = [[], 0];
    }
    portion.push(item);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}
