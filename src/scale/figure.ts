/** A figure of three digits at most, as in 0.36, 25.3, 333, 9,650 or 5 billion. */
export function figure(value: number): string {
  return value.toLocaleString("en-US", {
    maximumSignificantDigits: value < 1 ? 2 : 3,
    notation: value < 1e6 ? "standard" : "compact",
    compactDisplay: "long",
  });
}

const SIZES = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "KB"],
] as const;

/** Bytes in the unit that reads best, as in 597 B or 4.8 KB. */
export function size(bytes: number): string {
  const [unit, name] = SIZES.find(([least]) => bytes >= least) ?? [1, "B"];
  return `${figure(bytes / unit)} ${name}`;
}
