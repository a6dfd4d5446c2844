import { rmSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "sandi-setup-";
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/**
 * Keeps secrets in a file that only this user can read, while `use` runs. JSON: in dotenv files wrangler expands `$NAME`
 * and lets the environment take precedence.
 */
export async function withSecretsFile<T>(
  secrets: Readonly<Record<string, string>>,
  use: (path: string, directory: string) => Promise<T>,
): Promise<T> {
  await removeLeftovers();
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const stopListening = atExit(() => rmSync(directory, { recursive: true, force: true }));
  try {
    const path = join(directory, "secrets.json");
    await writeFile(path, JSON.stringify(secrets), { mode: 0o600 });
    return await use(path, directory);
  } finally {
    stopListening();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs when the process ends, also by a signal. Returns what takes it back. */
export function atExit(clean: () => void): () => void {
  const listeners = Object.entries(SIGNALS).map(([signal, number]) => {
    const listener = () => process.exit(128 + number);
    process.once(signal, listener);
    return () => process.off(signal, listener);
  });
  process.once("exit", clean);
  return () => {
    process.off("exit", clean);
    for (const remove of listeners) remove();
  };
}

/** Of runs that were killed so that they could not remove it themselves. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    // Those of other users stay theirs.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
