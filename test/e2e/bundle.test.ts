import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const run = promisify(execFile);

it("builds for a deploy, with no account and no ids, into at most 300 KB gzip", async () => {
  const out = await mkdtemp(join(tmpdir(), "sandi-bundle-"));
  try {
    const { stdout } = await run("wrangler", ["deploy", "--dry-run", "--outdir", out]);
    for (const binding of ["PHONE_NUMBERS", "TEMPLATES", "API_KEYS", "ASSETS"])
      expect(stdout).toContain(`env.${binding}`);
    // The documentation goes beside the Worker, not into it.
    expect(stdout).toContain("from the assets directory");
    const modules = (await readdir(out)).filter((file) => file.endsWith(".js"));
    expect(modules).toHaveLength(1);
    const bundle = await readFile(join(out, modules[0] ?? ""));
    expect(bundle.includes("API reference")).toBe(false);
    const gzipBytes = gzipSync(bundle).byteLength;
    console.info(`The bundle has ${gzipBytes} bytes gzip.`);
    expect(gzipBytes).toBeLessThanOrEqual(300 * 1024);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
