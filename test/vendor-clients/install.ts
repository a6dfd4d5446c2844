import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

/**
 * Vitest's global setup for the tests of this folder. The clients have their own package.json, so that installing the
 * project does not install them.
 */
export default async function install(): Promise<void> {
  const { dirname } = import.meta;
  if (existsSync(`${dirname}/node_modules`)) return;
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund"], { cwd: dirname, stdio: "inherit" });
  const [code] = await once(npm, "exit");
  if (code !== 0) throw new Error("The vendors' clients could not be installed");
}
