import type { Random } from "../../world/random.ts";

/** Random bytes. */
export function randomFill(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

/** Characters that HTTP allows in a header value, one byte each. */
export function headerText(length: number, random: Random): string {
  return Array.from({ length }, () => String.fromCharCode(headerByte(random))).join("");
}

function headerByte(random: Random): number {
  return random.chance(0.3) ? 0x80 + random.below(0x80) : 0x20 + random.below(0x5f);
}
