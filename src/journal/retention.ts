import { log } from "../platform/log.ts";
import { DAY_MS } from "../platform/time.ts";
import type { Journal } from "./journal.ts";

/** Deletes what the journal has kept for longer than a team wants; for the scheduled handler. `now` in milliseconds. */
export async function enforceRetention(journal: Journal, retentionDays: number, now: number): Promise<void> {
  const forgotten = await journal.forget(now - retentionDays * DAY_MS);
  if (forgotten > 0) log("info", "The journal forgot what is old", { count: forgotten });
}
