import { median, percentile, round } from "../harness/statistics.ts";

/** The times of each kind of number, in milliseconds. */
export type Times<Kind extends string> = Readonly<Record<Kind, number[]>>;

export const COLUMNS = ["p10", "p50", "p90", "p99", "p50, ratio to unknown", "KS distance from unknown"];

/** How far the medians of two kinds may be apart, as a share, before the difference is one that a client could use. */
const LARGEST_DIFFERENCE = 0.1;

/** The two-sample Smirnov test at 5 %: 19 of 20 pairs of samples of one distribution are closer than this. */
function limitOf(count: number): number {
  return round(1.36 * Math.sqrt(2 / count), 3);
}

/** Compares the times of each kind with those of the first, unknown numbers: rows for people, figures, and the verdict. */
export function compare<Kind extends string>(kinds: readonly [Kind, ...Kind[]], times: Times<Kind>) {
  const unknown = times[kinds[0]];
  const limit = limitOf(unknown.length);
  const compared = kinds.map((kind) => {
    const ratio = round(median(times[kind]) / median(unknown), 3);
    const ks = round(kolmogorovSmirnov(times[kind], unknown), 3);
    const isAlike = ks <= limit || Math.abs(ratio - 1) <= LARGEST_DIFFERENCE;
    return { kind, ratio, ks, isAlike };
  });
  const rows = compared.map(({ kind, ratio, ks }) => {
    const shares = [0.1, 0.5, 0.9, 0.99].map((share) => `${round(percentile(times[kind], share), 2)} ms`);
    return [kind, ...shares, ratio, ks] as const;
  });
  const figures = compared.map(({ kind, ratio, ks }) => [kind, { p50_vs_unknown: ratio, ks }]);
  return {
    rows,
    figures: { ks_limit: limit, ...Object.fromEntries(figures) },
    alike: compared.every(({ isAlike }) => isAlike),
  };
}

/** The two-sample Kolmogorov-Smirnov distance: the largest difference of the distributions, from 0 to 1. */
function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): number {
  const share = (times: readonly number[], at: number) =>
    times.filter((time) => time <= at).length / times.length;
  return Math.max(...[...a, ...b].map((at) => Math.abs(share(a, at) - share(b, at))));
}
