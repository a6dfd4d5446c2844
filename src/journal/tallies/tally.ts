/** The columns of the histogram of the time to verify: the first ends at a second, each further one 1.15 times later. */
const BUCKETS = 48;
const GROWTH = 1.15;

/** The bucket of an approved row in SQL. What takes less than a second, or nothing, belongs to the first. */
export const BUCKET = `min(${BUCKETS - 1}, CAST(ceil(ln(max(closed_at - created_at, 1000) / 1000.0) / ln(${GROWTH})) AS INTEGER))`;

const COUNTS = ["started", "sent", "delivered", "read", "approved"] as const;
const APPROVED = COUNTS.indexOf("approved");

/** The figures of a tally, which are columns of its row. */
export const FIGURES: readonly string[] = [
  ...COUNTS,
  ...Array.from({ length: BUCKETS }, (_, bucket) => `h${String(bucket).padStart(2, "0")}`),
];

/** Verifications that share everything that can be grouped by; see {@link readGroups}. */
export interface CountedGroup {
  readonly hour: number;
  readonly app: string;
  readonly country: string | null;
  readonly channel: string | null;
  readonly template: string | null;
  readonly purpose: string;
  readonly sender: string | null;
  readonly language: string | null;
  readonly error: string | null;
  readonly category: string | null;
  /** Null where they are not approved. */
  readonly bucket: number | null;
  readonly started: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly billed: number;
}

/** The sum of groups of verifications. */
export class Tally {
  /** In the order of {@link FIGURES}. */
  readonly figures: number[] = FIGURES.map(() => 0);
  /** Billed messages by country and price category, such as `ID authentication`. */
  readonly billed = new Map<string, number>();

  addGroup(group: CountedGroup): void {
    for (const [at, name] of COUNTS.entries()) if (name !== "approved") this.#add(at, group[name]);
    if (group.bucket !== null) {
      this.#add(APPROVED, group.started);
      this.#add(COUNTS.length + group.bucket, group.started);
    }
    if (group.billed > 0) this.addBilled(`${group.country ?? ""} ${group.category ?? ""}`, group.billed);
  }

  /** @param figures In the order of {@link FIGURES}. */
  addFigures(figures: readonly number[]): void {
    for (const [at, figure] of figures.entries()) this.#add(at, figure);
  }

  addBilled(key: string, messages: number): void {
    this.billed.set(key, (this.billed.get(key) ?? 0) + messages);
  }

  count(name: (typeof COUNTS)[number]): number {
    return this.figures[COUNTS.indexOf(name)] ?? 0;
  }

  /**
   * The time to verify in milliseconds, by nearest rank, at most 7 % off from a second to eleven minutes: of all values it
   * is the one that is equally wrong at both ends of its bucket. A code lives ten minutes, but a resend may draw a new
   * one; what took longer counts as eleven minutes. Null without an approval.
   */
  percentile(percent: number): number | null {
    const rank = Math.ceil((this.count("approved") * percent) / 100);
    let reached = 0;
    for (const [bucket, approved] of this.figures.slice(COUNTS.length).entries()) {
      reached += approved;
      if (approved > 0 && reached >= rank) return representative(bucket);
    }
    return null;
  }

  #add(at: number, figure: number): void {
    this.figures[at] = (this.figures[at] ?? 0) + figure;
  }
}

function representative(bucket: number): number {
  const error = bucket === 0 ? 1 : 2 / (1 + GROWTH);
  return Math.round(1000 * GROWTH ** bucket * error);
}
