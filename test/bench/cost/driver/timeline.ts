import { advanceTo } from "./clock.ts";

type Work = () => Promise<void> | void;

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly work: Work;
}

/** What is going to happen, earliest first: a binary heap, for there are hundreds of thousands. */
const heap: Entry[] = [];
let added = 0;

/** Lets something happen at a time, in milliseconds since the epoch; of the same time, in the order of adding. */
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

/** Lets everything happen that is due before a time. */
export async function runUntil(time: number): Promise<void> {
  for (let next = heap[0]; next !== undefined && next.at < time; next = heap[0]) {
    removeFirst();
    advanceTo(next.at);
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
  const [one, other] = [heap[a], heap[b]];
  if (one === undefined || other === undefined) return false;
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function swap(a: number, b: number): void {
  const [one, other] = [heap[a], heap[b]];
  if (one !== undefined && other !== undefined) [heap[a], heap[b]] = [other, one];
}
