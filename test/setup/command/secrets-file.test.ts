import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { withSecretsFile } from "../../../src/setup/command/secrets-file.ts";

const MODULE = new URL("../../../src/setup/command/secrets-file.ts", import.meta.url).href;

/** A process that holds the file until it ends, and the file's path. */
async function holder() {
  const source = `
    const { withSecretsFile } = await import(${JSON.stringify(MODULE)});
    await withSecretsFile({ SECRET_KEY: "secret" }, (path) => {
      console.log(path);
      return new Promise((resolve) => setTimeout(resolve, 60_000));
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source]);
  const [path] = await once(child.stdout, "data");
  return { child, path: String(path).trim() };
}

describe("the file of secrets for wrangler", () => {
  it("is readable by this user only, and gone afterwards, also after a failure", async () => {
    let path = "";
    const failed = withSecretsFile({ SECRET_KEY: "a$HOME" }, async (file) => {
      path = file;
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await stat(dirname(file))).mode & 0o777).toBe(0o700);
      throw new Error("The deploy failed");
    });
    await expect(failed).rejects.toThrow("The deploy failed");
    expect(existsSync(dirname(path))).toBe(false);
  });

  it("is gone after a signal", async () => {
    const { child, path } = await holder();
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect({ code, isLeft: existsSync(dirname(path)) }).toEqual({ code: 143, isLeft: false });
  });

  it("is removed by the next setup where a run was killed, and left alone while its run goes on", async () => {
    const [killed, alive] = await Promise.all([holder(), holder()]);
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");
    expect(existsSync(killed.path)).toBe(true);
    await withSecretsFile({}, async () => {});
    expect({ killed: existsSync(killed.path), alive: existsSync(alive.path) }).toEqual({
      killed: false,
      alive: true,
    });
    alive.child.kill("SIGTERM");
  });
});
