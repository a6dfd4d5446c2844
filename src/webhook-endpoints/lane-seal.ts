import { type Event, withApp } from "../events/event.ts";
import type { Keyring } from "../platform/keyring.ts";
import { loadZlib } from "../platform/zlib.ts";
import { orderKeyOf } from "./batch.ts";

/** Seals events for an object's storage, because they contain whole numbers. */
export interface EventSeal {
  seal(events: readonly Event[]): Uint8Array;
  /** Throws when the `SECRET_KEY` that sealed them is no longer configured. */
  open(sealed: Uint8Array): readonly Event[];
  orderKeyOf(event: Event): string;
}

/**
 * Deflates the JSON of events, which leaves a tenth of a hundred, and encrypts it. What was sealed for one lane does not
 * open in another.
 */
export function eventSeal(keyring: Keyring, lane: string): EventSeal {
  const { deflateRawSync, inflateRawSync } = loadZlib();
  const context = `webhook-lane/${lane}`;
  return {
    seal: (events) => keyring.sealBytes(deflateRawSync(JSON.stringify(events)), context),
    open: (sealed) =>
      (JSON.parse(inflateRawSync(keyring.openBytes(sealed, context)).toString()) as Event[]).map(withApp),
    orderKeyOf: (event) => orderKeyOf(event, keyring),
  };
}
