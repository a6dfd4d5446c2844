import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readJson } from "../../platform/json.ts";
import type { Project, State, StateStore } from "../steps/outside.ts";

/** The files of the project at a path. */
export function projectAt(root: string): Project {
  const settings = join(root, "wrangler.toml");
  return {
    readSettings: () => readFile(settings, "utf8"),
    writeSettings: (text) => replaceFile(settings, text),
    async fingerprint(values) {
      const hash = createHash("sha256");
      const sources = await readdir(join(root, "src"), { recursive: true, withFileTypes: true });
      const files = sources
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      for (const file of [settings, join(root, "package-lock.json"), ...files.toSorted()]) {
        hash.update(file.slice(root.length)).update(await readFile(file));
      }
      // Tokens and secrets are long and random, so that a part of a digest tells nothing of them.
      for (const value of values) hash.update(`${value.length}:${value}`);
      return hash.digest("hex").slice(0, 16);
    },
  };
}

/** The state of a setup, in a file that git ignores. */
export async function stateAt(path: string): Promise<StateStore> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  let current = (readJson(text) ?? {}) as State;
  return {
    get current() {
      return current;
    },
    async update(part) {
      current = { ...current, ...part };
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, `${JSON.stringify(current, null, 2)}\n`, 0o600);
    },
  };
}

/** Never leaves half a file behind. */
async function replaceFile(path: string, text: string, mode?: number): Promise<void> {
  const next = `${path}.new`;
  await writeFile(next, text, mode === undefined ? {} : { mode });
  await rename(next, path);
}
