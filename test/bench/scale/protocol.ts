/** A figure and the most that it may be. */
export interface Verdict {
  readonly id: string;
  readonly title: string;
  readonly figure: number;
  readonly limit: number;
}

/** What the driver is asked to do; each step builds on the ones before it. */
export type Step =
  | { readonly do: "deliveries"; readonly count: number }
  /** Pages of an hour with so many verifications. */
  | { readonly do: "pages"; readonly rows: number }
  /** 90 days of verifications, in so many hours of each day. */
  | { readonly do: "fill"; readonly rows: number; readonly hoursADay: number }
  | { readonly do: "fold" }
  /** Each is measured so many times; the shortest time counts. */
  | { readonly do: "statistics"; readonly rounds: number }
  | { readonly do: "number" }
  | { readonly do: "retention" };

export interface Result {
  readonly verdicts: readonly Verdict[];
  /** What else there is to tell. */
  readonly note: string;
}
