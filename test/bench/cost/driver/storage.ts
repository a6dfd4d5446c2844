import { count } from "./counts.ts";

/** An object's storage: a map, which counts what the platform would charge for. */
export class CountedStorage {
  /** What runs, in words for the report. */
  step = "";
  alarmAt: number | null = null;
  readonly kv: SyncKvStorage;
  readonly #rows = new Map<string, unknown>();
  readonly #onAlarm: (time: number) => void;

  constructor(onAlarm: (time: number) => void) {
    this.#onAlarm = onAlarm;
    // Cloned both ways, for on the platform every call reads and writes the value anew.
    this.kv = {
      get: <Value>(key: string) => {
        count("object_rows_read", this.step);
        return structuredClone(this.#rows.get(key)) as Value | undefined;
      },
      put: (key, value) => {
        this.#written("put");
        this.#rows.set(key, structuredClone(value));
      },
      delete: (key) => {
        this.#written("delete");
        return this.#rows.delete(key);
      },
      list: <Value>({ prefix = "", startAfter = "" }: SyncKvListOptions = {}) => {
        const rows = [...this.#rows].filter(([key]) => key.startsWith(prefix) && key > startAfter);
        count("object_rows_read", this.step, rows.length);
        return structuredClone(rows) as [string, Value][];
      },
    };
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0 && this.alarmAt === null;
  }

  async setAlarm(time: number): Promise<void> {
    this.#written("setAlarm");
    this.alarmAt = time;
    this.#onAlarm(time);
  }

  async deleteAll(): Promise<void> {
    this.#written("deleteAll", Math.max(this.#rows.size, 1));
    this.#rows.clear();
    this.alarmAt = null;
  }

  #written(what: string, rows = 1): void {
    count("object_rows_written", `${this.step}: ${what}`, rows);
  }
}
