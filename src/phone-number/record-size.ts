/** More than one character is a byte each in a string of these alone. */
const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/** Bytes before the content of a value: its tag, its length, and padding. */
const OVERHEAD = 6;
const NUMBER_BYTES = 9;

/** Values that do not change: a record's step replaces the few that it changes. */
const sizes = new WeakMap<object, number>();

/**
 * An upper bound of the bytes that a value takes in storage, which keeps it as structured clone serializes it: a string
 * in one byte a character, or two where it has characters beyond Latin-1.
 */
export function sizeOf(value: unknown): number {
  switch (typeof value) {
    case "string":
      return OVERHEAD + value.length * (BEYOND_LATIN_1.test(value) ? 2 : 1);
    case "number":
      return NUMBER_BYTES;
    case "object":
      return value === null ? 1 : sizeOfObject(value);
    default:
      return 1;
  }
}

function sizeOfObject(value: object): number {
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2 * OVERHEAD;
  if (Array.isArray(value)) for (const item of value) size += OVERHEAD + sizeOf(item);
  else for (const [name, field] of Object.entries(value)) size += sizeOf(name) + sizeOf(field);
  sizes.set(value, size);
  return size;
}
