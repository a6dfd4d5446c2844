import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "./environment/environment.ts";
import { findLeaks, sixDigitsIn } from "./secrets.ts";

const LOG = "worker.log";

/**
 * Searches every file, including write-ahead logs, for plaintext codes, and the log, the journal and KV for full
 * numbers. The files of the objects may contain full numbers.
 */
export async function searchForLeaks({ services }: Environment): Promise<void> {
  const { directory, history, kv } = services;
  history.leaks.push(...findLeaks(kv.contents(), "KV", ["code", "number"]));
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    // The bundle and the configuration are inputs of the run.
    if (!entry.isFile() || /\.(js|capnp)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const where = path.slice(directory.length + 1);
    // SQLite may delete a write-ahead log between the listing and the read.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    const mayHaveNumbers = where.startsWith("objects");
    history.leaks.push(...findLeaks(bytes, where, mayHaveNumbers ? ["code"] : ["code", "number"]));
    if (where === LOG) for (const digits of sixDigitsIn(bytes.toString("latin1"))) history.logged.add(digits);
    if (mayHaveNumbers) history.leaks.push(...findLeaks(where, "a file's name", ["number"]));
  }
}
