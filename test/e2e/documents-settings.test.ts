import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { readConfig } from "../../src/config.ts";
import { codeBlocks, readPages } from "./documents.ts";

/** The Worker accepts the settings that the documentation shows, on top of those of wrangler.toml. */

let folder: string;
let secrets: Record<string, string | undefined>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sandi-settings-"));
  secrets = parseEnv(await readFile(".dev.vars.example", "utf8"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

type Vars = Record<string, unknown>;

const LOCAL = {
  WHATSAPP_BASE_URL: "http://127.0.0.1:8788",
  WHATSAPP_PHONE_NUMBER_ID: "100000000000001",
  WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
  GUARD_VETO_SECRET: `whsec_${Buffer.alloc(32, "secret").toString("base64")}`,
};

/** Takes the place of the key that the documentation leaves out. */
const PUBLIC_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
  type: "spki",
  format: "pem",
});

async function readToml(text: string): Promise<Vars> {
  const path = join(folder, "wrangler.toml");
  await writeFile(path, `name = "example"\ncompatibility_date = "2026-11-17"\n${text}`);
  return unstable_readConfig({ config: path }).vars;
}

/** A table of the example adds to the purposes and apps of wrangler.toml; any other table takes its place. */
function merge(shipped: Vars, example: Vars): Vars {
  const merged = { ...shipped, ...example };
  for (const name of ["PURPOSES", "APPS"]) merged[name] = Object.assign({}, shipped[name], example[name]);
  return merged;
}

const EXAMPLES = readPages().flatMap((page) =>
  codeBlocks(page)
    .filter(({ language }) => language === "toml")
    .map(({ code }) => [page.path, code] as const),
);

describe("settings in the documentation", () => {
  it.each(EXAMPLES)("of %s are valid", async (_, code) => {
    const shipped = unstable_readConfig({ config: "wrangler.toml" }).vars;
    const example = await readToml(code.replace(/-----BEGIN PUBLIC KEY-----\n…\n.*\n/, String(PUBLIC_KEY)));
    expect(() => readConfig({ ...secrets, ...merge({ ...shipped, ...LOCAL }, example) })).not.toThrow();
  });
});
