import { count } from "./counts.ts";

/** The storage of a Durable Object: a map that counts what the platform bills. */
export class CountedStorage {
  /** What runs at the moment, as the report names it. */
  step = "";
  alarmAt: number | null = null;
  readonly kv: SyncKvStorage;
  readonly #rows = new Map<string, unknown>();
  readonly #onAlarm: (time: number) => void;

  constructor(onAlarm: (time: number) => void) {
    this.#onAlarm = onAlarm;
    // Values are cloned, as the platform serializes them on every call.
    this.kv = {
      get: <Value>(key: string) => {
        count("object_rows_read", this.step);
        return structuredClone(this.#rows.get(key)) as Value | undefined;
      },
      put: (key, value) => {
        this.#countWritten("put");
        this.#rows.set(key, structuredClone(value));
      },
      delete: (key) => {
        this.#countWritten("delete");
        return this.#rows.delete(key);
      },
      list: <Value>(options: SyncKvListOptions = {}) => {
        const { prefix = "", start = "", startAfter = "", end = "\uffff", reverse = false, limit } = options;
        const sorted = [...this.#rows]
          .filter(([key]) => key.startsWith(prefix) && key > startAfter && key >= start && key < end)
          .toSorted(([a], [b]) => (a < b === reverse ? 1 : -1));
        const rows = sorted.slice(0, limit);
        count("object_rows_read", this.step, rows.length);
        return structuredClone(rows) as [string, Value][];
      },
    };
  }

  get isEmpty(): boolean {
    return this.#rows.size === 0 && this.alarmAt === null;
  }

  async setAlarm(time: number): Promise<void> {
    this.#countWritten("setAlarm");
    this.alarmAt = time;
    this.#onAlarm(time);
  }

  async deleteAll(): Promise<void> {
    this.#countWritten("deleteAll", Math.max(this.#rows.size, 1));
    this.#rows.clear();
    this.alarmAt = null;
  }

  #countWritten(operation: string, rows = 1): void {
    count("object_rows_written", `${this.step}: ${operation}`, rows);
  }
}

interface KvEntry {
  readonly value: string;
  readonly metadata: unknown;
}

/** A KV namespace. Lists and deletes have the price of writes, and are counted as such. */
export function countedKvNamespace(binding: string) {
  const entries = new Map<string, KvEntry>();
  const read = (key: string) => {
    count("kv_reads", `${binding} ${key.split("/")[0]}`);
    return entries.get(key);
  };
  const textOrJson = (key: string, options?: { readonly type?: string }) => {
    const value = read(key)?.value ?? null;
    return value !== null && options?.type === "json" ? JSON.parse(value) : value;
  };
  return {
    // Each key of a read of several is billed.
    async get(keys: string | readonly string[], options?: { readonly type?: string }) {
      if (typeof keys === "string") return textOrJson(keys, options);
      return new Map(keys.map((key) => [key, textOrJson(key, options)]));
    },
    async getWithMetadata(key: string) {
      return { value: null, metadata: null, ...read(key) };
    },
    async put(key: string, value: string, options?: KVNamespacePutOptions) {
      count("kv_writes", `${binding} put`);
      entries.set(key, { value, metadata: options?.metadata ?? null });
    },
    async delete(key: string) {
      count("kv_writes", `${binding} delete`);
      entries.delete(key);
    },
    async list({ prefix = "" }: { readonly prefix?: string }) {
      count("kv_writes", `${binding} list`);
      const names = [...entries.keys()].filter((name) => name.startsWith(prefix)).sort();
      const keys = names.map((name) => ({ name, metadata: entries.get(name)?.metadata }));
      return { keys, list_complete: true };
    },
  };
}
