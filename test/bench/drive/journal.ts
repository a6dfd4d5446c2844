import type { Client } from "./client.ts";
import type { Book, Entry } from "./stories.ts";

interface Row {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly created_at: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** All pages of the journal's list. */
export interface Listing {
  readonly rows: readonly Row[];
  readonly pages: number;
  /** Whether every page but the last is full, and the newest verification is first. */
  readonly isInOrder: boolean;
}

const PAGE_SIZE = 100;

export async function readListing(client: Client): Promise<Listing> {
  const rows: Row[] = [];
  const sizes: number[] = [];
  let next: string | null = null;
  do {
    const after: string = next === null ? "" : `&after=${encodeURIComponent(next)}`;
    const path = `/v1/verifications?limit=${PAGE_SIZE}${after}`;
    const { status, body } = await client.get<{ data: Row[]; next: string | null }>(path);
    if (status !== 200) throw new Error(`A page of the list: ${status} ${JSON.stringify(body)}`);
    rows.push(...body.data);
    sizes.push(body.data.length);
    next = body.next;
  } while (next !== null);
  const areFull = sizes.slice(0, -1).every((size) => size === PAGE_SIZE);
  return { rows, pages: sizes.length, isInOrder: areFull && rows.every(isAfter) };
}

function isAfter(row: Row, place: number, rows: readonly Row[]): boolean {
  const former = rows[place - 1];
  if (former === undefined || former.created_at > row.created_at) return true;
  return former.created_at === row.created_at && former.id > row.id;
}

/** Compares the journal with the driver's records, row by row. */
export function compare(book: Book, { rows }: Listing) {
  const ids = new Set<string>();
  const keys = new Set<string>();
  const found = { missing: 0, repeated: 0, wrong_status: 0, unknown: 0 };
  for (const { id, status, reason, metadata } of rows) {
    const key = metadata.drive ?? "";
    const entry = book.get(key);
    if (ids.has(id) || keys.has(key)) found.repeated += 1;
    else if (entry === undefined || (entry.id !== null && entry.id !== id)) found.unknown += 1;
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

/** The differences between the API's statistics and the driver's records, in words. */
export async function compareStats(client: Client, book: Book, from: number, to: number): Promise<string[]> {
  const range = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  const differences: string[] = [];
  for (const [by, groupOf] of Object.entries(GROUPINGS)) {
    const { body } = await client.get<{ data: Counts[] }>(`/v1/stats?by=${by}&${range}`);
    const reported = body.data.map(serialize).sort();
    const recorded = [...Map.groupBy(book.values(), groupOf)]
      .map(([group, entries]) => serialize({ group, ...count(entries) }))
      .sort();
    if (reported.join() !== recorded.join())
      differences.push(`by ${by}: reported ${reported}; recorded ${recorded}`);
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

/** The simulator delivers every message, and sends no read receipts here. */
function count(entries: readonly Entry[]): Omit<Counts, "group"> {
  const sent = entries.filter(({ wasSent }) => wasSent).length;
  const approved = entries.filter(({ status }) => status === "approved").length;
  return { started: entries.length, sent, delivered: sent, read: 0, approved };
}

function serialize({ group, started, sent, delivered, read, approved }: Counts): string {
  return JSON.stringify({ group, started, sent, delivered, read, approved });
}
