import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";

const POLL_MS = 20;
const TIMEOUT_MS = 60_000;
/** How long to wait for a lock that workerd holds on the same file. */
const BUSY_MS = 5_000;
/** The row of an object's own storage that repeats the time of its alarm; workerd ignores an alarm whose times differ. */
const ALARM_KEY = 1;

/** The alarms of one Durable Object class in workerd's files: in nanoseconds, in a list and with each object. */
export class Alarms {
  readonly #directory: string;
  #dueAt = 0n;

  /** @param directory The storage of the class's objects. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes every alarm due now. Call it while workerd is stopped; they run at its next start. */
  makeDue(): void {
    this.#dueAt = BigInt(Date.now()) * 1_000_000n;
    const list = this.#open("metadata");
    if (list === null) return;
    const waiting = list.prepare("SELECT actor_id FROM _cf_ALARM").all() as { readonly actor_id: string }[];
    for (const { actor_id: id } of waiting) {
      const object = this.#open(id);
      // A crash may have come between the alarm and the first write of its object.
      const hasTable = object?.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_cf_METADATA'").get();
      if (hasTable !== undefined) {
        object?.prepare("UPDATE _cf_METADATA SET value = ? WHERE key = ?").run(this.#dueAt, ALARM_KEY);
      }
      object?.close();
    }
    list.prepare("UPDATE _cf_ALARM SET scheduled_time = ?").run(this.#dueAt);
    list.close();
  }

  /** When the next alarm is set for, in milliseconds since the epoch; null without any. */
  next(): number | null {
    const list = this.#open("metadata");
    const row = list
      ?.prepare("SELECT CAST(min(scheduled_time) / 1000000 AS REAL) AS at FROM _cf_ALARM")
      .get() as {
      at: number | null;
    };
    list?.close();
    return row?.at ?? null;
  }

  /** Resolves when the alarms have run that were set for a time or earlier, or after a timeout. */
  async haveRunUntil(at: number): Promise<void> {
    const deadline = Date.now() + TIMEOUT_MS;
    while ((this.next() ?? Number.POSITIVE_INFINITY) <= at && Date.now() < deadline) await pause(POLL_MS);
  }

  /** Resolves when the alarms that {@link makeDue} moved have run, or after a timeout. */
  async haveRun(): Promise<void> {
    const list = this.#open("metadata");
    if (list === null) return;
    const overdue = list.prepare("SELECT 1 FROM _cf_ALARM WHERE scheduled_time = ? LIMIT 1");
    const deadline = Date.now() + TIMEOUT_MS;
    while (overdue.get(this.#dueAt) !== undefined && Date.now() < deadline) await pause(POLL_MS);
    list.close();
  }

  #open(name: string): DatabaseSync | null {
    const path = join(this.#directory, `${name}.sqlite`);
    return existsSync(path) ? new DatabaseSync(path, { timeout: BUSY_MS }) : null;
  }
}
