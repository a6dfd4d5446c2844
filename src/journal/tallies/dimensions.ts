import type { Grouping } from "../funnel-query.ts";
import { type CountedGroup, Tally } from "./tally.ts";

/** What has rows of its own in the tables of tallies. An hour and an app are columns of every row. */
export const DIMENSIONS = [
  "all",
  "country",
  "channel",
  "template",
  "purpose",
  "sender",
  "language",
  "error",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export function dimensionOf(by: Grouping): Dimension {
  return by === "none" || by === "hour" || by === "app" ? "all" : by;
}

/** What the verifications of a group share in a dimension; empty where it is unknown. */
export function nameOf(group: CountedGroup, dimension: Dimension): string {
  return dimension === "all" ? "" : (group[dimension] ?? "");
}

/** A row of `tally_hours` or `tally_days` without its period. */
export interface TallyRow {
  readonly dimension: Dimension;
  readonly app: string;
  readonly name: string;
  readonly tally: Tally;
}

/** The rows of a period. */
export class PeriodTallies {
  readonly #rows = new Map<string, TallyRow>();

  addGroups(groups: readonly CountedGroup[]): void {
    for (const group of groups) {
      for (const dimension of DIMENSIONS) {
        this.tallyOf(dimension, group.app, nameOf(group, dimension)).addGroup(group);
      }
    }
  }

  tallyOf(dimension: Dimension, app: string, name: string): Tally {
    const key = `${dimension} ${app} ${name}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known.tally;
    const tally = new Tally();
    this.#rows.set(key, { dimension, app, name, tally });
    return tally;
  }

  rows(): readonly TallyRow[] {
    return [...this.#rows.values()];
  }
}
