/** The value below which the given share of all values lies; `NaN` for an empty list. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Rounds to a number of digits after the decimal point. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A figure that was measured in several rounds. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function spread(values: readonly number[]): Spread {
  return {
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
  };
}

/** `0.56 (0.52 to 0.60)`: the median, and the lowest and highest value of all rounds. */
export function formatSpread({ median: middle, lowest, highest }: Spread, digits: number): string {
  return `${round(middle, digits)} (${round(lowest, digits)} to ${round(highest, digits)})`;
}

export type Row = readonly (string | number)[];

/** A table in Markdown. */
export function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
