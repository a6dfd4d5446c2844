/**
 * `npm run build:assets`, which wrangler runs before it serves or deploys: writes the API's description to where
 * wrangler.toml says the static assets are. The purposes it names are those of wrangler.toml, in the environment
 * that `CLOUDFLARE_ENV` names: the build does not see wrangler's `--env`.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";
import { unstable_readConfig } from "wrangler";

const DOCUMENTATION = resolve(import.meta.dirname, "../http/docs");
const ROOT = resolve(import.meta.dirname, "../..");

/** Exported for the tests' global set-up. */
export default async function build(): Promise<void> {
  const config = join(ROOT, "wrangler.toml");
  // Wrangler has its say about the configuration when it runs this.
  const { vars, assets } = unstable_readConfig({ config }, { hideWarnings: true });
  const { documentationFiles } = await load();
  const contents = await documentationFiles(vars.PURPOSES);
  for (const [path, text] of Object.entries(contents)) {
    await write(resolve(ROOT, assets?.directory ?? "", path), text);
  }
}

/** Node takes the types out of a module, but does not know JSX. */
async function load(): Promise<typeof import("../http/docs/files.ts")> {
  const directory = await mkdtemp(join(tmpdir(), "sandi-docs-"));
  try {
    const outfile = join(directory, "files.mjs");
    await bundle({
      entryPoints: [join(DOCUMENTATION, "files.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      sourcemap: "inline",
      logLevel: "warning",
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Leaves a file alone that says the same already: somebody may be reading it, and `wrangler dev` watches. */
async function write(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => null)) === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

if (import.meta.main) await build();
