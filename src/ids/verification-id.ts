import { Buffer } from "node:buffer";
import { fromBase32, idPattern, makeId, randomId } from "./id.ts";
import { NAME_LENGTH, type PhoneNumberName } from "./phone-number-name.ts";

/**
 * A verification's id: `vrf_` and 128 bits in base32. The first 80 bits name the number's object, so that an
 * id finds it without an index; the other 48 are random.
 */
export type VerificationId = string & { readonly __brand: "VerificationId" };

const PREFIX = "vrf_";
const UNIQUE_BYTES = 6;
const PATTERN = idPattern(PREFIX);
const HEX = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Draws an id under the object that will own the verification. */
export function newVerificationId(name: PhoneNumberName): VerificationId {
  return randomId(PREFIX + name, UNIQUE_BYTES) as VerificationId;
}

/** The id with the given unique part, of which the first bytes are used. */
export function verificationIdFor(name: PhoneNumberName, unique: Uint8Array): VerificationId {
  return makeId(PREFIX + name, unique.subarray(0, UNIQUE_BYTES)) as VerificationId;
}

/** The unique part of an id. */
export function uniquePartOf(id: VerificationId): Uint8Array {
  return fromBase32(id.slice(PREFIX.length + NAME_LENGTH));
}

/** Reads an id in its canonical form; null for anything else. */
export function parseVerificationId(text: string): VerificationId | null {
  return PATTERN.test(text) ? (text as VerificationId) : null;
}

/** The same 128 bits in 32 lower-case hex digits, for APIs whose ids look like that. */
export function toHex(id: VerificationId): string {
  return Buffer.from(fromBase32(id.slice(PREFIX.length))).toString("hex");
}

/** Reads what {@link toHex} wrote; null for anything else, upper case included. */
export function parseHex(text: string): VerificationId | null {
  return HEX.test(text) ? (makeId(PREFIX, Buffer.from(text, "hex")) as VerificationId) : null;
}

/** The same 128 bits in the form of a UUID. Its version and variant are those that the bits happen to spell. */
export function toUuid(id: VerificationId): string {
  return toHex(id).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Reads what {@link toUuid} wrote; null for anything else, upper case included. */
export function parseUuid(text: string): VerificationId | null {
  return UUID.test(text) ? parseHex(text.replaceAll("-", "")) : null;
}

/** The name of the object that owns the verification. */
export function ownerOf(id: VerificationId): PhoneNumberName {
  return id.slice(PREFIX.length, PREFIX.length + NAME_LENGTH) as PhoneNumberName;
}
