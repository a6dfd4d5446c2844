/**
 * `npm run test:clock [-- <vitest arguments>]`: the test suite with the wall clock half a year ahead, in Node and in
 * workerd, to find tests that depend on today's date. Needs Linux and a C compiler.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileClock } from "./clock.ts";

const HALF_A_YEAR_SECONDS = 183 * 86_400;

const directory = mkdtempSync(join(tmpdir(), "sandi-clock-"));
try {
  const args = ["vitest", "run", "--config", "test/vitest.config.ts", ...process.argv.slice(2)];
  const env = {
    ...process.env,
    LD_PRELOAD: compileClock(directory),
    CLOCK_AHEAD_SECONDS: String(HALF_A_YEAR_SECONDS),
  };
  process.exitCode = spawnSync("npx", args, { stdio: "inherit", env }).status ?? 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
