import { createHash } from "node:crypto";
import type { Event } from "../events/event.ts";
import { makeId } from "../ids/id.ts";
import { recipientOf } from "../ids/notification-id.ts";
import { namesOf } from "../ids/phone-number-name.ts";
import { ownerOf } from "../ids/verification-id.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { SignedEvent } from "./post.ts";

/** The type of a request with several events. */
export const BATCH_TYPE = "batch";

const ID_BYTES = 16;

/**
 * Makes the request of a batch: `{ type: "batch", data }`, where each event is what its own request would be, and has
 * its id. The batch's id is a digest of theirs: the same events again have the same one.
 */
export function batchOf(events: readonly SignedEvent[]): SignedEvent {
  const digest = createHash("sha256");
  for (const { id } of events) digest.update(`${id}\n`);
  const data = events.map(({ id, body }) => `{"id":${JSON.stringify(id)},${body.slice(1)}`);
  return {
    id: makeId("evb_", digest.digest().subarray(0, ID_BYTES)),
    body: `{"type":"${BATCH_TYPE}","data":[${data.join(",")}]}`,
  };
}

/**
 * What the events of one phone number have in common, so that they leave in order: the name of its object. An event
 * without a number has its own id.
 */
export function orderKeyOf(event: Event, keyring: Keyring): string {
  switch (event.kind) {
    case "verification":
      return ownerOf(event.verification.id);
    case "notification":
      return recipientOf(event.notification.id);
    case "guard":
      return keyOfSealed(event.toSealed, event.id, keyring);
    case "notice":
      return keyOfSealed(event.sealed?.from ?? null, event.id, keyring);
  }
}

function keyOfSealed(sealed: string | null, id: string, keyring: Keyring): string {
  if (sealed === null) return id;
  try {
    return namesOf(keyring, keyring.open(sealed, id) as E164)[0];
  } catch {
    // Sealed under a key that is no longer configured: it cannot be delivered either.
    return id;
  }
}
