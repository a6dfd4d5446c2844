import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startRegistry } from "./registry.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const MODULES = join(ROOT, "node_modules");

/** What `npm pack` reads. */
const SOURCES = ["package.json", "tsconfig.json", "README.md", "LICENSE", "src/client", "src/build/client"];

/** All that the package needs from the registry: nothing of the Worker's is among them. */
export const DEPENDENCIES = ["standardwebhooks", "@stablelib/base64", "fast-sha256"];

/** A project with the package as its only dependency. */
export interface PackageProject {
  readonly folder: string;
  /** The paths that `npm pack` put into the tarball. */
  readonly packed: readonly string[];
  /** Runs the project's TypeScript, as strict as it can be. Rejects with the compiler's messages. */
  compile(files: readonly string[], options: object): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Runs `npm pack` and installs the tarball into an empty folder. The sources are copied first, so that tests can pack
 * side by side.
 */
export async function installPackage(): Promise<PackageProject> {
  const directory = await mkdtemp(join(tmpdir(), "sandi-package-"));
  const [sources, folder] = [join(directory, "sandi"), join(directory, "project")];
  for (const path of SOURCES) await cp(join(ROOT, path), join(sources, path), { recursive: true });
  await symlink(MODULES, join(sources, "node_modules"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", directory], { cwd: sources });
  const [{ filename, files }] = JSON.parse(stdout);

  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "name": "shop", "private": true, "type": "module" }');
  const registry = await startRegistry(
    DEPENDENCIES.map((name) => join(MODULES, name)),
    join(directory, "registry"),
  );
  const options = [
    "--no-audit",
    "--no-fund",
    "--registry",
    registry.url,
    "--cache",
    join(directory, "cache"),
  ];
  await run("npm", ["install", join(directory, filename), ...options], { cwd: folder }).finally(
    registry.close,
  );
  return {
    folder,
    packed: files.map(({ path }: { path: string }) => path),
    compile: (names, compilerOptions) => compile(folder, names, compilerOptions),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function compile(folder: string, files: readonly string[], options: object): Promise<void> {
  const compilerOptions = {
    target: "ES2022",
    module: "ESNext",
    moduleResolution: "Bundler",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    typeRoots: [join(MODULES, "@types"), MODULES],
    ...options,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  await run(join(MODULES, ".bin/tsc"), [], { cwd: folder }).catch(({ stdout, stderr }) => {
    throw new Error(`${stdout}${stderr}`);
  });
}
