import { count } from "./counts.ts";

interface Entry {
  readonly value: string;
  readonly metadata: unknown;
}

/** A KV namespace. Lists and deletes have the price of writes, and are counted with them. */
export function countedNamespace(binding: string) {
  const entries = new Map<string, Entry>();
  const read = (key: string) => {
    count("kv_reads", `${binding} ${key.split("/")[0]}`);
    return entries.get(key);
  };
  return {
    async get(key: string, options?: { readonly type?: string }) {
      const value = read(key)?.value ?? null;
      return value !== null && options?.type === "json" ? JSON.parse(value) : value;
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
