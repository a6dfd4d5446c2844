const DIGIT = /\p{Nd}/u;
const FOREIGN_DIGITS = /(?![0-9])\p{Nd}/gu;

/** Replaces every decimal digit of Unicode, such as `٤`, `४` or `４`, by the digit 0 to 9 of its value. */
export function foldDigits(text: string): string {
  return text.replace(FOREIGN_DIGITS, (digit) => String(digitValue(digit)));
}

/** Unicode encodes decimal digits in runs of ten in ascending order (The Unicode Standard, 4.6). */
function digitValue(digit: string): number {
  const at = digit.codePointAt(0) ?? 0;
  let first = at;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return (at - first) % 10;
}
