/** What has been folded: the row of `tally_state`. Hours count from the epoch; upper bounds are exclusive. */
export interface TallyState {
  /** The first hour that is folded; 0 when everything older is folded as well. */
  readonly firstHour: number;
  /** Up to here hours were folded at their end, an hour later, and when no status changes any more. */
  readonly ended: number;
  readonly settled: number;
  readonly final: number;
  /** Hours before this one are only in their days. */
  readonly hoursFrom: number;
  /** Rows before this hour may have been deleted from the journal. */
  readonly rowsFrom: number;
  /** Up to when the hour under way was folded, in milliseconds since the epoch. */
  readonly underWayTo: number;
}

const COLUMNS = {
  firstHour: "first_hour",
  ended: "ended",
  settled: "settled",
  final: "final",
  hoursFrom: "hours_from",
  rowsFrom: "rows_from",
  underWayTo: "under_way_to",
} as const satisfies Record<keyof TallyState, string>;
const FIELDS = Object.keys(COLUMNS) as (keyof TallyState)[];

/** Null before the first run, also where the tables are still to be made: a deploy applies migrations last. */
export async function readTallyState(db: D1Database): Promise<TallyState | null> {
  const columns = FIELDS.map((field) => `${COLUMNS[field]} AS ${field}`).join(", ");
  try {
    return await db.prepare(`SELECT ${columns} FROM tally_state`).first<TallyState>();
  } catch (error) {
    if (String(error).includes("no such table")) return null;
    throw error;
  }
}

export async function writeTallyState(db: D1Database, state: TallyState): Promise<void> {
  const columns = FIELDS.map((field) => COLUMNS[field]).join(", ");
  await db
    .prepare(
      `INSERT OR REPLACE INTO tally_state (id, ${columns}) VALUES (1, ${FIELDS.map((_, at) => `?${at + 1}`).join(", ")})`,
    )
    .bind(...FIELDS.map((field) => state[field]))
    .run();
}

/** The first day whose hours are all folded. */
export function startDay({ firstHour }: TallyState): number {
  return Math.ceil(firstHour / 24);
}

/** The first day that is not final. */
export function endDay({ final }: TallyState): number {
  return Math.floor(final / 24);
}
