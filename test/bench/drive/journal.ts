import type { Client } from "./client.ts";
import type { Book, Entry } from "./stories.ts";

interface Row {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly created_at: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The journal's list as its pages showed it, from the first to the last. */
export interface Listing {
  readonly rows: readonly Row[];
  readonly pages: number;
  /** Every page full but the last, and newest first throughout. */
  readonly isInOrder: boolean;
}

const PAGE = 100;

export async function readListing(client: Client): Promise<Listing> {
  const rows: Row[] = [];
  const sizes: number[] = [];
  let next: string | null = null;
  do {
    const after: string = next === null ? "" : `&after=${encodeURIComponent(next)}`;
    const path = `/v1/verifications?limit=${PAGE}${after}`;
    const { status, body } = await client.get<{ data: Row[]; next: string | null }>(path);
    if (status !== 200) throw new Error(`A page: ${status} ${JSON.stringify(body)}`);
    rows.push(...body.data);
    sizes.push(body.data.length);
    next = body.next;
  } while (next !== null);
  const areFull = sizes.slice(0, -1).every((size) => size === PAGE);
  return { rows, pages: sizes.length, isInOrder: areFull && rows.every(isAfter) };
}

function isAfter(row: Row, place: number, rows: readonly Row[]): boolean {
  const former = rows[place - 1];
  if (former === undefined || former.created_at > row.created_at) return true;
  return former.created_at === row.created_at && former.id > row.id;
}

/** Compares the journal with the driver's own record, row by row. */
export function compare(book: Book, { rows }: Listing) {
  const ids = new Set<string>();
  const keys = new Set<string>();
  const found = { missing: 0, repeated: 0, wrong_status: 0, strangers: 0 };
  for (const { id, status, reason, metadata } of rows) {
    const key = metadata.drive ?? "";
    const entry = book.get(key);
    if (ids.has(id) || keys.has(key)) found.repeated += 1;
    else if (entry === undefined || (entry.id !== null && entry.id !== id)) found.strangers += 1;
    else {
      keys.add(key);
      if (status !== entry.status || reason !== entry.reason) found.wrong_status += 1;
    }
    ids.add(id);
  }
  return { ...found, missing: book.size - keys.size };
}

const GROUPINGS = {
  none: () => null,
  country: ({ country }: Entry) => country,
  channel: () => "whatsapp",
} as const;

/** What the statistics say otherwise than the driver's own record, in words; empty when they agree. */
export async function compareStats(client: Client, book: Book, from: number, to: number): Promise<string[]> {
  const range = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  const differences: string[] = [];
  for (const [by, groupOf] of Object.entries(GROUPINGS)) {
    const { body } = await client.get<{ data: Counts[] }>(`/v1/stats?by=${by}&${range}`);
    const told = body.data.map(spell).sort();
    const own = [...Map.groupBy(book.values(), groupOf)]
      .map(([group, entries]) => spell({ group, ...count(entries) }))
      .sort();
    if (told.join() !== own.join()) differences.push(`by ${by}: told ${told}; counted ${own}`);
  }
  return differences;
}

interface Counts {
  readonly group: string | null;
  readonly started: number;
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly approved: number;
}

/** The simulator delivers each message that was sent, and nobody's read receipts are on. */
function count(entries: readonly Entry[]): Omit<Counts, "group"> {
  const sent = entries.filter(({ wasSent }) => wasSent).length;
  const approved = entries.filter(({ status }) => status === "approved").length;
  return { started: entries.length, sent, delivered: sent, read: 0, approved };
}

function spell({ group, started, sent, delivered, read, approved }: Counts): string {
  return JSON.stringify({ group, started, sent, delivered, read, approved });
}
