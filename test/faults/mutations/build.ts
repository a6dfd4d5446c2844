import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { ROOT, SETTINGS } from "../../world/project.ts";

/** A change to the Worker's source that breaks an invariant. */
export interface Patch {
  /** From the root of the project. */
  readonly file: string;
  /** Text that occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/**
 * Builds a Worker with patches applied.
 *
 * @returns the path of its only module
 * @throws when the source has changed and a patch no longer matches
 */
export async function buildPatched(directory: string, patches: readonly Patch[]): Promise<string> {
  const outfile = join(directory, "broken.js");
  const pending = new Set(patches);
  await build({
    entryPoints: [SETTINGS.main],
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    format: "esm",
    target: "es2024",
    minifySyntax: true,
    logLevel: "warning",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
    plugins: [aliases(), patcher(patches, pending)],
  });
  const [unused] = pending;
  if (unused !== undefined) throw new Error(`Nothing imports ${unused.file}, which a mutation changes`);
  return outfile;
}

/** The aliases of wrangler.toml, which wrangler resolves from the project's root. */
function aliases(): Plugin {
  const targets = new Map(Object.entries(SETTINGS.alias ?? {}));
  return {
    name: "aliases",
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ path }) => {
        const target = targets.get(path);
        return target === undefined ? null : { path: resolve(ROOT, target) };
      });
    },
  };
}

function patcher(patches: readonly Patch[], pending: Set<Patch>): Plugin {
  return {
    name: "mutation",
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.tsx?$/ }, async ({ path }) => {
        const matching = patches.filter(({ file }) => file === relative(ROOT, path));
        if (matching.length === 0) return null;
        let contents = await readFile(path, "utf8");
        for (const patch of matching) {
          contents = apply(patch, contents);
          pending.delete(patch);
        }
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
}

function apply({ file, find, replace }: Patch, text: string): string {
  const matches = text.split(find).length - 1;
  if (matches !== 1) throw new Error(`A patch matches ${matches} times in ${file}, not once:\n${find}`);
  return text.replace(find, () => replace);
}
