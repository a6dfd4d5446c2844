import { execFile } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../world/project.ts";

const run = promisify(execFile);

/**
 * Writes the files of a commit into a directory and installs its packages: the working tree's `node_modules`
 * where both lock files are the same, otherwise `npm ci`.
 *
 * @param ref A branch, tag or commit.
 * @param directory Is created. Its files may not be inside a git repository of their own.
 */
export async function checkOutTree(ref: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const archive = `${directory}.tar`;
  await run("git", ["archive", "--output", archive, ref], { cwd: ROOT });
  await run("tar", ["-xf", archive, "-C", directory]);
  const [lock, ourLock] = await Promise.all(
    [directory, ROOT].map((root) => readFile(join(root, "package-lock.json"), "utf8")),
  );
  if (lock === ourLock) await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
  else await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: directory });
}

/** The short name of a commit, or an error that names the ref. */
export async function resolveRef(ref: string): Promise<string> {
  try {
    const { stdout } = await run("git", ["rev-parse", "--short", "--verify", `${ref}^{commit}`], {
      cwd: ROOT,
    });
    return stdout.trim();
  } catch {
    throw new Error(`git knows no commit ${ref}`);
  }
}
