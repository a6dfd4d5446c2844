import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { logoFiles } from "../../src/build/sign-in/logos.ts";

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
    const description = await readFile("dist/assets/openapi.json", "utf8");
    for (const text of [
      "Read statistics",
      "How many verifications were started",
      "Users who switched read receipts off",
    ]) {
      expect(description).toContain(text);
      expect(bundle.includes(text), text).toBe(false);
    }
    const gzipBytes = gzipSync(bundle).byteLength;
    console.info(`The bundle has ${gzipBytes} bytes gzip.`);
    expect(gzipBytes).toBeLessThanOrEqual(300 * 1024);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

it("builds an app's logo into the static assets, and stops at one that is too large or no image", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sandi-logos-"));
  const build = async (name: string, content: string) => {
    await writeFile(join(directory, name), content);
    return logoFiles(new Map([["shop", join(directory, name)]]));
  };
  try {
    const { files, addresses } = await build("logo.svg", "<svg/>");
    expect(String(files["sign-in/logos/shop.svg"])).toBe("<svg/>");
    expect(addresses).toEqual({ shop: expect.stringMatching(/^\/oauth\/logos\/shop\.svg\?v=[\w-]{12}$/) });
    await expect(build("logo.png", "<svg/>")).rejects.toThrow("is not what its ending says");
    await expect(build("large.svg", `<svg>${"x".repeat(8192)}</svg>`)).rejects.toThrow(
      "more than 8192 bytes",
    );
    await expect(logoFiles(new Map([["shop", join(directory, "none.svg")]]))).rejects.toThrow("none.svg");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
