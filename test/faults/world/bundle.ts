import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { unstable_readConfig } from "wrangler";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** As much of wrangler.toml as it takes to run the Worker. */
interface Settings {
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly durable_objects: {
    readonly bindings: readonly { readonly name: string; readonly class_name: string }[];
  };
  readonly kv_namespaces: readonly { readonly binding: string }[];
  readonly queues: {
    readonly producers?: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers?: readonly { readonly queue: string; readonly max_batch_size?: number }[];
  };
  readonly d1_databases: readonly { readonly binding: string }[];
  readonly assets?: { readonly binding?: string; readonly directory?: string };
  readonly alias?: Readonly<Record<string, string>>;
}

export const SETTINGS: Settings = unstable_readConfig(
  { config: join(ROOT, "wrangler.toml") },
  { hideWarnings: true },
);

/** A change to the Worker's source, so that something that must hold no longer does. */
export interface Patch {
  /** From the root of the project. */
  readonly file: string;
  /** Text that has to be in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Builds the Worker as a deploy does. @returns the path of its one module */
export async function buildAsDeployed(directory: string): Promise<string> {
  const args = ["deploy", "--dry-run", "--outdir", directory];
  const wrangler = spawn(join(ROOT, "node_modules/.bin/wrangler"), args, {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" },
  });
  const [code] = await once(wrangler, "exit");
  const main = (await readdir(directory)).find((file) => file.endsWith(".js"));
  if (code !== 0 || main === undefined) throw new Error("The Worker did not build");
  return join(directory, main);
}

/** Builds a Worker that is broken on purpose. Throws where a patch no longer finds its place. */
export async function buildBroken(directory: string, patches: readonly Patch[]): Promise<string> {
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

/** Those of wrangler.toml, which wrangler resolves from the project's root. */
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
        const own = patches.filter(({ file }) => file === relative(ROOT, path));
        if (own.length === 0) return null;
        let contents = await readFile(path, "utf8");
        for (const patch of own) {
          contents = apply(patch, contents);
          pending.delete(patch);
        }
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
}

function apply({ file, find, replace }: Patch, text: string): string {
  const places = text.split(find).length - 1;
  if (places !== 1)
    throw new Error(`A mutation looks for this ${places} times in ${file}, not once:\n${find}`);
  return text.replace(find, () => replace);
}
