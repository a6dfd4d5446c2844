/** Crockford's alphabet: without I, L, O and U, so that an id survives being read aloud. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** Encodes bytes in lower-case Crockford base32, most significant bits first, the last character zero-padded. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((buffer >> bits) & 31);
    }
  }
  return bits > 0 ? text + ALPHABET.charAt((buffer << (5 - bits)) & 31) : text;
}

/** Decodes what {@link base32} returned. Bits that fill no whole byte are dropped. */
export function fromBase32(text: string): Uint8Array {
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const character of text) {
    buffer = ((buffer << 5) | ALPHABET.indexOf(character)) & 0xffff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >> bits) & 255);
    }
  }
  return Uint8Array.from(bytes);
}

/** Makes an id of a prefix, such as `vrf_`, and bytes in base32. */
export function makeId(prefix: string, bytes: Uint8Array): string {
  return prefix + base32(bytes);
}

/** Makes an id of random bytes from the platform's CSPRNG. */
export function randomId(prefix: string, byteCount: number): string {
  return makeId(prefix, crypto.getRandomValues(new Uint8Array(byteCount)));
}

/**
 * Matches the canonical form of an id of 128 bits: the prefix and 26 characters, of which the last carries
 * three bits and two zeros.
 */
export function idPattern(prefix: string): RegExp {
  return new RegExp(`^${prefix}[0-9a-hjkmnp-tv-z]{25}[048cgmrw]$`);
}
