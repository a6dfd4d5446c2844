import type { AppScope } from "../../ids/app-name.ts";
import { priceOf } from "../../messages/prices.ts";
import type { MessagePrices } from "../../messages/whatsapp-prices.ts";
import { DAY_MS, HOUR_MS } from "../../platform/time.ts";
import { MAX_COUNTED } from "../exact-stats.ts";
import { type Stats, type StatsQuery, toFunnels } from "../funnel.ts";
import type { FunnelRow, Grouping } from "../funnel-query.ts";
import { hourOf } from "../rows.ts";
import type { JournalTables } from "../tables.ts";
import { dimensionOf, nameOf } from "./dimensions.ts";
import { readFewGroups } from "./groups.ts";
import { endDay, type TallyState } from "./state.ts";
import { type Periods, sumPeriods, talliedIn } from "./tables.ts";
import { type CountedGroup, Tally } from "./tally.ts";

/** The parts of a range that are no whole hours, or not folded yet, are counted from their rows, up to this many each. */
const MAX_EDGE_ROWS = 10_000;

/** Whether a range has more rows than can be counted one by one, or rows that the journal may have deleted. */
export async function needsTallies(
  db: D1Database,
  { from, to }: StatsQuery,
  state: TallyState,
): Promise<boolean> {
  const { hoursFrom, rowsFrom } = state;
  const hour = hourOf(from);
  // What may be gone counts with its whole hour or day, so that a part of it is not taken for none.
  const gone = hour < hoursFrom ? Math.floor(hour / 24) * 24 : hour;
  const first = hour < rowsFrom ? gone : Math.ceil(from / HOUR_MS);
  const hours = periodsOf("none", first, hourOf(to), state);
  const { rows, older } = await talliedIn(db, hours, rowsFrom);
  return rows > MAX_COUNTED || older > 0;
}

/**
 * Counts a range from the tallies. Its edges are counted from their rows; an edge with too many of them is left out.
 * Null for a range without a whole hour that is folded.
 */
export async function readTallied(
  tables: JournalTables,
  app: AppScope,
  query: StatsQuery,
  state: TallyState,
): Promise<Stats | null> {
  const { from, to, by, prices } = query;
  const first = firstHourOf(query, state);
  const end = Math.min(hourOf(to), state.ended);
  const hasUnderWay = end >= first && state.underWayTo > end * HOUR_MS && state.underWayTo <= to;
  if (end <= first && !hasUnderWay) return null;

  const groups = new Map<string | number, Tally>();
  const tallyOf = (key: string | number) => {
    const tally = groups.get(key) ?? new Tally();
    groups.set(key, tally);
    return tally;
  };
  /** Whether a part without whole hours could be counted. */
  const addEdge = async (start: number, stop: number): Promise<boolean> => {
    if (start >= stop) return true;
    if (hourOf(start) < state.rowsFrom) return false;
    const rows = await tables.read("verifications", (list) =>
      readFewGroups(tables.db, { tables: list, from: start, to: stop }, MAX_EDGE_ROWS),
    );
    const ofApp = rows?.filter((row) => app === null || row.app === app) ?? [];
    for (const row of ofApp) tallyOf(keyOf(row, by)).addGroup(row);
    return rows !== null;
  };
  const start = first * HOUR_MS;
  const isAtEdge = start - from < HOUR_MS;
  const countedFrom = isAtEdge && (await addEdge(from, start)) ? from : start;
  const isWhole = await addEdge(end * HOUR_MS, to);
  const underWay = hasUnderWay && !isWhole;
  await sumPeriods(tables.db, app, by, periodsOf(by, first, underWay ? end + 1 : end, state), tallyOf);
  const rows = [...groups].map(([key, tally]) => toRow(groupOf(key, by), tally, prices)).toSorted(byKey);
  const partly = underWay ? state.underWayTo : end * HOUR_MS;
  return {
    countedFrom,
    countedTo: isWhole ? to : partly,
    percentiles: "bucketed",
    funnels: toFunnels(rows, query),
  };
}

/** The first whole hour of a range; where hours are gone, the first of the first whole day. */
function firstHourOf({ from, by }: StatsQuery, { hoursFrom }: TallyState): number {
  const first = Math.ceil(from / HOUR_MS);
  if (first >= hoursFrom) return first;
  return by === "hour" ? hoursFrom : Math.ceil(from / DAY_MS) * 24;
}

/** Whole days from the day table as far as they are folded, unless hours are asked for. */
function periodsOf(by: Grouping, from: number, to: number, state: TallyState): Periods {
  const fromDay = Math.ceil(from / 24);
  const toDay = by === "hour" ? 0 : Math.min(Math.floor(to / 24), endDay(state));
  return { from, fromDay, toDay, to };
}

function keyOf(group: CountedGroup, by: Grouping): string | number {
  if (by === "hour") return group.hour;
  return by === "app" ? group.app : nameOf(group, dimensionOf(by));
}

function groupOf(key: string | number, by: Grouping): FunnelRow["key"] {
  if (by === "hour") return Number(key) * HOUR_MS;
  return key === "" ? null : key;
}

function toRow(key: FunnelRow["key"], tally: Tally, prices: MessagePrices): FunnelRow {
  const messages = new Map<string, number>();
  let usd: number | null = null;
  let isPriced = true;
  for (const [place, count] of tally.billed) {
    const [country = "", category = ""] = place.split(" ");
    messages.set(category, (messages.get(category) ?? 0) + count);
    const price = priceOf(prices, country, category);
    isPriced &&= price !== null;
    usd = (usd ?? 0) + count * (price ?? 0);
  }
  return {
    key,
    started: tally.count("started"),
    sent: tally.count("sent"),
    delivered: tally.count("delivered"),
    read: tally.count("read"),
    approved: tally.count("approved"),
    p50: tally.percentile(50),
    p95: tally.percentile(95),
    billed: messages.size === 0 ? null : JSON.stringify(Object.fromEntries(messages)),
    usd: isPriced ? usd : null,
  };
}

/** As SQLite orders keys: those without a value first. */
function byKey({ key: a }: FunnelRow, { key: b }: FunnelRow): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return a < b ? -1 : Number(a > b);
}
