import type { PagedRecipient } from "./pages.ts";

/** What a queue takes in one call (Cloudflare Queues, "Limits"): 256 KB, of which some are each message's own. */
const MOST_MESSAGES = 100;
const MOST_BYTES = 240_000;
/** The batch's id, the field names, and what the queue counts besides. */
const OVERHEAD_BYTES = 250;

/** Cuts recipients into portions whose messages a queue takes in one call each. */
export function portions(recipients: readonly PagedRecipient[]): readonly (readonly PagedRecipient[])[] {
  const portions: PagedRecipient[][] = [];
  let bytes = 0;
  for (const recipient of recipients) {
    // Ids and sealed contents are ASCII.
    const size = recipient[1].id.length + recipient[1].sealed.length + OVERHEAD_BYTES;
    const portion = portions.at(-1);
    const hasRoom = portion !== undefined && portion.length < MOST_MESSAGES && bytes + size <= MOST_BYTES;
    bytes = hasRoom ? bytes + size : size;
    if (hasRoom) portion.push(recipient);
    else portions.push([recipient]);
  }
  return portions;
}
