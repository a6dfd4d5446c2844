import { base32 } from "./base32.ts";
import type { PhoneNumberName } from "./phone-number-name.ts";

/**
 * A verification's id: `vrf_` and 26 characters of Crockford base32, 128 bits. The first 80 bits are the
 * owning object's name, so that any id finds its object without an index; the other 48 are random.
 */
export type VerificationId = string & { readonly __brand: "VerificationId" };

const PREFIX = "vrf_";
const NAME_LENGTH = 16;
const RANDOM_BYTES = 6;

/** 48 random bits fill the last of ten characters by three bits; its two spare bits are zero. */
const PATTERN = /^vrf_[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$/;

/** Draws an id under the object that will own the verification. */
export function newVerificationId(name: PhoneNumberName): VerificationId {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return `${PREFIX}${name}${base32(random)}` as VerificationId;
}

/** Reads an id in its one canonical spelling, or answers null. */
export function parseVerificationId(text: string): VerificationId | null {
  return PATTERN.test(text) ? (text as VerificationId) : null;
}

/** The object that owns the verification. */
export function ownerOf(id: VerificationId): PhoneNumberName {
  return id.slice(PREFIX.length, PREFIX.length + NAME_LENGTH) as PhoneNumberName;
}
