import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 60_000;
/** workerd may be writing to the same file. */
const BUSY_MS = 5_000;
/** Where an object's own storage has the time of its alarm, so that one that was moved does not ring as well. */
const ALARM_KEY = 1;

/** The alarms of one class of objects, as workerd keeps them on the disk: in nanoseconds, in one list and with each object. */
export class Alarms {
  readonly #directory: string;
  #dueAt = 0n;

  /** @param directory Of the class's objects. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** While workerd is down: whatever is set for later rings as soon as it is up again. */
  makeDue(): void {
    this.#dueAt = BigInt(Date.now()) * 1_000_000n;
    const list = this.#open("metadata");
    if (list === null) return;
    const waiting = list.prepare("SELECT actor_id FROM _cf_ALARM").all() as { readonly actor_id: string }[];
    for (const { actor_id: id } of waiting) {
      const own = this.#open(id);
      own?.prepare("UPDATE _cf_METADATA SET value = ? WHERE key = ?").run(this.#dueAt, ALARM_KEY);
      own?.close();
    }
    list.prepare("UPDATE _cf_ALARM SET scheduled_time = ?").run(this.#dueAt);
    list.close();
  }

  /** While workerd is up: resolves when all that were made due have rung. */
  async haveRung(): Promise<void> {
    const list = this.#open("metadata");
    if (list === null) return;
    const overdue = list.prepare("SELECT 1 FROM _cf_ALARM WHERE scheduled_time = ? LIMIT 1");
    const until = Date.now() + PATIENCE_MS;
    while (overdue.get(this.#dueAt) !== undefined && Date.now() < until) await pause(LOOK_EVERY_MS);
    list.close();
  }

  #open(name: string): DatabaseSync | null {
    const path = join(this.#directory, `${name}.sqlite`);
    return existsSync(path) ? new DatabaseSync(path, { timeout: BUSY_MS }) : null;
  }
}
