import { Buffer } from "node:buffer";

/** What a queue takes in one call, its own bytes on each message included ("Queues limits"). */
const MOST = { messages: 100, bytes: 256_000 };
const OVERHEAD_BYTES = 100;

/**
 * Gives any number of bodies to a queue, in as few calls as it allows. Rejects when one call is refused; what
 * went before is on the queue then, so that a repeat sends it again.
 */
export async function sendAll<Body>(queue: Queue<Body>, bodies: readonly Body[]): Promise<void> {
  // One event at a time is what objects mostly have, and nothing could be split there.
  for (const batch of bodies.length === 1 ? [bodies] : batchesOf(bodies))
    await queue.sendBatch(batch.map((body) => ({ body })));
}

function* batchesOf<Body>(bodies: readonly Body[]): Generator<readonly Body[]> {
  let batch: Body[] = [];
  let bytes = 0;
  for (const body of bodies) {
    const size = Buffer.byteLength(JSON.stringify(body)) + OVERHEAD_BYTES;
    if (batch.length === MOST.messages || (batch.length > 0 && bytes + size > MOST.bytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(body);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
