import { Buffer } from "node:buffer";
import { type Event, withApp } from "../events/event.ts";
import { loadZlib } from "../platform/zlib.ts";
import { DICTIONARIES } from "./payload-dictionary.ts";

/** The dictionary of new payloads. */
const VERSION = 1;

/** More than any event has: a queue's message has 128 KB at most. */
const MAX_EVENT_BYTES = 256 * 1024;

/**
 * Packs an event for the table of deliveries: its JSON, deflated with a preset dictionary (RFC 1951), which leaves a
 * fifth of it. The first byte is the dictionary's version, so that a later one leaves older rows readable.
 */
export function packEvent(event: Event): Buffer {
  const { deflateRawSync } = loadZlib();
  const deflated = deflateRawSync(JSON.stringify(event), { dictionary: dictionaryOf(VERSION), level: 9 });
  return Buffer.concat([Buffer.of(VERSION), deflated]);
}

/**
 * Unpacks what {@link packEvent} returned. The size of the result is bounded, although a payload opens only if this
 * service has sealed it, so that none can be a bomb.
 */
export function unpackEvent(packed: Buffer): Event {
  const { inflateRawSync } = loadZlib();
  const options = { dictionary: dictionaryOf(packed[0]), maxOutputLength: MAX_EVENT_BYTES };
  return parseEvent(inflateRawSync(packed.subarray(1), options).toString());
}

/** Parses an event that this service has stored as JSON. */
export function parseEvent(json: string): Event {
  return withApp(JSON.parse(json) as Event);
}

function dictionaryOf(version: number | undefined): Buffer {
  const dictionary = DICTIONARIES[(version ?? 0) - 1];
  if (dictionary === undefined) throw new Error(`A payload has the unknown dictionary ${version}`);
  return Buffer.from(dictionary);
}
