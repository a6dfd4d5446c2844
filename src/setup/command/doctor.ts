/** `npm run doctor` examines a deployment and its account at Meta. docs/doctor.md lists every check. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runDoctor } from "./doctor-command.ts";
import { styleOf } from "./terminal.ts";
import { wranglerIn } from "./wrangler.ts";

const ROOT = join(import.meta.dirname, "../../..");

const { run } = wranglerIn(ROOT, process.env);

process.exitCode = await runDoctor({
  args: process.argv.slice(2),
  environment: process.env,
  files: { readText, readVars },
  fetch,
  runWrangler: (args) => run(args),
  print: console.log,
  printError: console.error,
  style: styleOf(process.stdout, process.env),
});

function readText(path: string): string | null {
  try {
    return readFileSync(join(ROOT, path), "utf8");
  } catch {
    return null;
  }
}

/** Wrangler's own reader takes a second to load, and is needed without a deployment only. */
async function readVars(): Promise<Readonly<Record<string, unknown>>> {
  const { unstable_readConfig } = await import("wrangler");
  return unstable_readConfig({ config: join(ROOT, "wrangler.toml") }, { hideWarnings: true }).vars;
}
