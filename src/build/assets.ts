/**
 * `npm run build:assets`, which wrangler runs before it serves or deploys: writes the API's description and its page, what
 * the page of sign-in shows, and what users of message first say, into the directory of static assets. The description names
 * the purposes of wrangler.toml in the environment of `CLOUDFLARE_ENV`; wrangler does not pass its `--env` to the build.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";
import { unstable_readConfig } from "wrangler";
import { appSettings, logoPath } from "../keys/apps.ts";
import { messageFirstFiles } from "./message-first/files.ts";
import { signInFiles } from "./sign-in/files.ts";
import { logoFiles } from "./sign-in/logos.ts";

const DOCUMENTATION = resolve(import.meta.dirname, "docs");
const SIGN_IN = resolve(import.meta.dirname, "sign-in");
const ROOT = resolve(import.meta.dirname, "../..");

/** Also the global set-up of the tests. */
export default async function build(): Promise<void> {
  const config = join(ROOT, "wrangler.toml");
  // Wrangler prints its warnings about the configuration itself when it runs this build.
  const { vars, assets } = unstable_readConfig({ config }, { hideWarnings: true });
  const { documentationFiles } = await load();
  const contents = [
    await documentationFiles(vars.PURPOSES, await script(DOCUMENTATION)),
    await signInFiles(await script(SIGN_IN), await logoFiles(logosOf(vars.APPS))),
    await messageFirstFiles(),
  ];
  for (const [path, content] of contents.flatMap((files) => Object.entries<string | Buffer>(files))) {
    await write(resolve(ROOT, assets?.directory ?? "", path), Buffer.from(content));
  }
}

/** Bundled first: Node strips types, but does not transform JSX. */
async function load(): Promise<typeof import("./docs/files.ts")> {
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

/** The script of a page, for browsers. */
async function script(directory: string): Promise<string> {
  const { outputFiles } = await bundle({
    entryPoints: [join(directory, "script/main.ts")],
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    logLevel: "warning",
  });
  return outputFiles[0]?.text ?? "";
}

/** The files of the apps' logos by the apps' names. */
function logosOf(apps: unknown): ReadonlyMap<string, string> {
  const logos = new Map<string, string>();
  for (const [name, app] of appSettings.parse({ APPS: apps }).apps) {
    const path = logoPath(app);
    if (path !== null) logos.set(name, resolve(ROOT, path));
  }
  return logos;
}

/** Leaves an unchanged file alone, because `wrangler dev` watches it. */
async function write(file: string, content: Buffer): Promise<void> {
  if ((await readFile(file).catch(() => null))?.equals(content) === true) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

if (import.meta.main) await build();
