import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "./environment/environment.ts";
import { findLeaks, sixDigitsIn } from "./secrets.ts";

const LOG = "worker.log";

/**
 * Looks for codes in everything that is on the disk, write-ahead logs included, and for whole numbers where
 * only masked ones may be: in the log, in the journal, in KV. The number's own object has it.
 */
export async function searchForLeaks({ services }: Environment): Promise<void> {
  const { directory, history, kv } = services;
  history.leaks.push(...findLeaks(kv.contents(), "KV", ["code", "number"]));
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    // The bundle and the configuration are what the run was given.
    if (!entry.isFile() || /\.(js|capnp)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const where = path.slice(directory.length + 1);
    // SQLite takes its logs away when it no longer needs them.
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    const ownsNumber = where.startsWith("objects");
    history.leaks.push(...findLeaks(bytes, where, ownsNumber ? ["code"] : ["code", "number"]));
    if (where === LOG) for (const digits of sixDigitsIn(bytes.toString("latin1"))) history.logged.add(digits);
    if (ownsNumber) history.leaks.push(...findLeaks(where, "a file's name", ["number"]));
  }
}
