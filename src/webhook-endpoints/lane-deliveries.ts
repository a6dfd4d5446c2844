import type { Event } from "../events/event.ts";
import type { ListPosition } from "../platform/cursor.ts";
import type { Delivery } from "./delivery.ts";
import type { Lane } from "./lane.ts";
import type { RetriedBatch } from "./lane-retries.ts";
import { type EventRow, spell, timeOf } from "./lane-row.ts";

/** A page of a lane's deliveries. */
export interface DeliveryQuery {
  readonly onlyFailed: boolean;
  readonly limit: number;
  readonly after: ListPosition | null;
}

/** A delivery's id names the row, by its time, and the place in it. */
const ID = /^whd_(\d{15})_(\d{4})$/;

type State = Omit<Delivery, "id" | "type" | "endpointId" | "eventId" | "createdAt">;

/** Lists deliveries, newest first, up to one more than the limit. */
export function listDeliveries(
  { events: { rows, retries } }: Lane,
  endpointId: string,
  { onlyFailed, limit, after }: DeliveryQuery,
): readonly Delivery[] {
  const until = after?.createdAt ?? Number.MAX_SAFE_INTEGER;
  const isWanted = ({ createdAt, id }: Delivery) =>
    after === null || createdAt < after.createdAt || (createdAt === after.createdAt && id < after.id);
  const found: Delivery[] = [];
  const collect = <Row extends EventRow | RetriedBatch>(
    entries: Iterable<readonly [string, Row]>,
    eventsOf: (row: Row) => readonly (Event | null)[],
    stateOf: (key: string, row: Row) => State,
  ) => {
    let count = 0;
    for (const [key, row] of entries) {
      // Of many, as after an outage, opening them would take long.
      if (row.moved.length >= row.count) continue;
      const state = stateOf(key, row);
      if (onlyFailed && state.status !== "failed") continue;
      const deliveries = deliveriesOf(key, row, eventsOf(row), endpointId, state).filter(isWanted);
      found.push(...deliveries);
      count += deliveries.length;
      if (count > limit) break;
    }
  };
  const openRow = (row: EventRow) => rows.openEvents(row);
  if (!onlyFailed) {
    collect(rows.newest(until), openRow, stateOfRow);
    collect(rows.held(), openRow, stateOfRow);
    collect(retries.newest("pending", until), (batch) => retries.openAll(batch), stateOfBatch);
  }
  collect(retries.newest("over", until), (batch) => retries.openAll(batch), stateOfBatch);
  return found.toSorted(newestFirst).slice(0, limit + 1);
}

/** The order of a list. */
export function newestFirst(a: ListPosition, b: ListPosition): number {
  return b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
}

/** Delivers an event again, as a new delivery: it is the newest, and the one before is no longer listed. */
export function replayDelivery(lane: Lane, endpointId: string, deliveryId: string): Delivery | null {
  const [, time, text] = ID.exec(deliveryId) ?? [];
  if (time === undefined) return null;
  const { rows, retries } = lane.events;
  const [at, place] = [Number(time), Number(text)];
  const [key, row] = rows.find(at) ?? retries.find(at) ?? [];
  if (key === undefined || row === undefined) return null;
  const isRow = "finished" in row;
  const events = isRow ? rows.openEvents(row) : retries.openAll(row);
  const state = isRow ? stateOfRow(key, row) : stateOfBatch(key, row);
  const delivery = deliveriesOf(key, row, events, endpointId, state).find(({ id }) => id === deliveryId);
  const event = events[place];
  if (delivery === undefined || !event || state.status === "pending") return delivery ?? null;
  if (isRow) rows.replace(key, row, place);
  else retries.replace(key, row, [place]);
  rows.closeTail();
  lane.enter([event]);
  const repeated = spell(rows.lastTime);
  const [replayed] = deliveriesOf(repeated, { moved: [] }, [event], endpointId, pendingSince(rows.lastTime));
  return replayed ?? null;
}

/**
 * Delivers again what has failed for good since a time, whole batches. Returns how many events; with fewer than `least` none
 * is left.
 */
export function replayFailed(lane: Lane, since: number, least: number): number {
  const { retries } = lane.events;
  let count = 0;
  for (let failed = retries.nextFailed(since); failed !== null && count < least; ) {
    const [key, batch] = failed;
    const events = retries.openEvents(batch);
    // What cannot be decrypted stays listed nowhere, and is deleted in its time.
    if (events.length > 0) {
      const places = Array.from({ length: batch.count }, (_, place) => place);
      retries.replace(key, batch, places);
      lane.enter(events);
      count += events.length;
    }
    failed = retries.nextFailed(timeOf(key) + 1);
  }
  return count;
}

function deliveriesOf(
  key: string,
  { moved }: { readonly moved: readonly number[] },
  events: readonly (Event | null)[],
  endpointId: string,
  state: State,
): Delivery[] {
  const createdAt = timeOf(key);
  return events.flatMap((event, place) => {
    if (event === null || moved.includes(place)) return [];
    const id = `whd_${spell(createdAt)}_${String(place).padStart(4, "0")}`;
    return [{ ...state, id, endpointId, eventId: event.id, type: event.type, createdAt }];
  });
}

function stateOfRow(key: string, { finished }: EventRow): State {
  if (finished === null) return pendingSince(timeOf(key));
  const { status, durationMs, at } = finished;
  return {
    status: "delivered",
    attempts: 1,
    nextAttemptAt: null,
    lastStatus: status,
    lastError: null,
    durationMs,
    updatedAt: at,
  };
}

function stateOfBatch(_: string, batch: RetriedBatch): State {
  const { status, attempts, nextAttemptAt, lastStatus, lastError, durationMs, updatedAt } = batch;
  return { status, attempts, nextAttemptAt, lastStatus, lastError, durationMs, updatedAt };
}

function pendingSince(time: number): State {
  return {
    status: "pending",
    attempts: 0,
    nextAttemptAt: time,
    lastStatus: null,
    lastError: null,
    durationMs: null,
    updatedAt: time,
  };
}
