/** `npm pack` runs this first: compiles the npm package from `src/client` into `dist/package`. */
import { spawnSync } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const DIRECTORY = join(ROOT, "dist/package");

await rm(DIRECTORY, { recursive: true, force: true });
const tsc = join(ROOT, "node_modules/.bin/tsc");
const { status } = spawnSync(tsc, ["-p", join(ROOT, "src/client")], { stdio: "inherit" });
if (status !== 0) throw new Error("The package does not compile");
for (const file of await readdir(DIRECTORY, { recursive: true })) {
  if (file.endsWith(".d.ts")) await rewriteImports(join(DIRECTORY, file));
}

/** The compiler rewrites the imports of `.ts` files in JavaScript only. */
async function rewriteImports(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
}
