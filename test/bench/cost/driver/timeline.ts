type Work = () => Promise<void> | void;

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly work: Work;
}

/** The clock that the Worker reads. It advances with the timeline, never by itself. */
let now = Date.UTC(2026, 11, 1, 0, 5);

export const EPOCH_MS = now;

Date.now = () => now;

/** Scheduled work, earliest first. A binary heap, because it holds hundreds of thousands of entries. */
const heap: Entry[] = [];
let added = 0;

/** Schedules work at a time in milliseconds since the epoch. Work of the same time runs in the order of its calls. */
export function at(time: number, work: Work): void {
  added += 1;
  heap.push({ at: time, order: added, work });
  for (let place = heap.length - 1; place > 0; ) {
    const parent = (place - 1) >> 1;
    if (!isBefore(place, parent)) break;
    swap(place, parent);
    place = parent;
  }
}

/** Runs everything that is due before a time. */
export async function runUntil(time: number): Promise<void> {
  for (let next = heap[0]; next !== undefined && next.at < time; next = heap[0]) {
    removeFirst();
    now = Math.max(now, next.at);
    await next.work();
  }
}

function removeFirst(): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let place = 0; ; ) {
    const children = [2 * place + 1, 2 * place + 2].filter((child) => child < heap.length);
    const [first, second] = children;
    if (first === undefined) return;
    const smaller = second !== undefined && isBefore(second, first) ? second : first;
    if (!isBefore(smaller, place)) return;
    swap(smaller, place);
    place = smaller;
  }
}

function isBefore(a: number, b: number): boolean {
  const [left, right] = [heap[a], heap[b]];
  if (left === undefined || right === undefined) return false;
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

function swap(a: number, b: number): void {
  const [left, right] = [heap[a], heap[b]];
  if (left !== undefined && right !== undefined) [heap[a], heap[b]] = [right, left];
}
