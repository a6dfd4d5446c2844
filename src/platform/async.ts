/** Continues work after the response has been sent: `waitUntil` of the request's context. */
export type Background = (work: Promise<unknown>) => void;

/** A value that is known already, or a promise of it. Callers continue at once with a known value. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** A timer that can be ended before its time, so that it does not outlive what waits for it. */
export interface Timer {
  readonly passed: Promise<void>;
  readonly cancel: () => void;
}

export function startTimer(milliseconds: number): Timer {
  let cancel = () => {};
  const passed = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    cancel = () => clearTimeout(timer);
  });
  return { passed, cancel };
}

/** Whether work settles within a time. It continues when it does not. */
export async function settlesWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const timer = startTimer(milliseconds);
  try {
    return await Promise.race([work.then(() => true), timer.passed.then(() => false)]);
  } finally {
    timer.cancel();
  }
}

/**
 * Gathers what is to be written while a write is under way, so that one statement takes what would be many.
 *
 * @param write Writes items; when it rejects, all who gave one of these items get the error.
 * @returns A function that resolves when its item has been written.
 */
export function gathering<Item>(
  write: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  let gathered: { readonly items: Item[]; readonly written: Promise<void> } | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return (item) => {
    if (gathered === null) {
      const items: Item[] = [];
      const written = last.then(() => {
        gathered = null;
        return write(items);
      });
      last = written.catch(() => {});
      gathered = { items, written };
    }
    gathered.items.push(item);
    return gathered.written;
  };
}
