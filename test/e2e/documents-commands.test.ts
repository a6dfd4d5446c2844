import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type DevProcess, freePorts, type Ports, startDev } from "../world/dev.ts";
import { codeBlocks, commands, readPages } from "./documents.ts";

/** Runs the commands of the documentation, in the order of each page, against `npm run dev`. */

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ADMIN_KEY = "local-development-only-admin-key";
const PAGES = readPages();

/** Commands that this test does not run, each with the reason. Every other command is run. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^npm install/, "needs a fresh clone and the npm registry"],
  [/^npm pack$/, "writes into this folder; test/client/package.test.ts runs it in another"],
  [/^npm run dev$/, "is what this test runs against"],
  [/^npm run setup/, "needs accounts; test/setup/command/setup.test.ts runs it against stand-ins"],
  [/wrangler (deploy|queues (create|update))/, "needs a Cloudflare account"],
  [/^npm run deploy$/, "needs a Cloudflare account"],
];

let ports: Ports;
let state: string;
let dev: DevProcess;

beforeAll(async () => {
  ports = await freePorts();
  state = await mkdtemp(join(tmpdir(), "sandi-docs-"));
  dev = await startDev(ports, state);
});

afterAll(async () => {
  await dev.signalAll("SIGTERM");
  await rm(state, { recursive: true, force: true });
});

/** The id of the newest verification, which takes the place of the documented one. */
let latestId = "";

async function newestCode(): Promise<string> {
  const response = await fetch(`${dev.phone}/_sim/messages`);
  const { messages } = (await response.json()) as { messages: { code?: string }[] };
  return messages.find(({ code }) => code !== undefined)?.code ?? "";
}

/** Puts this run's addresses, id and code in the place of those in the documentation. */
async function localise(command: string): Promise<string> {
  return command
    .replaceAll("http://127.0.0.1:8787", dev.api)
    .replaceAll("http://127.0.0.1:8788", dev.phone)
    .replaceAll("https://sandi.<your-subdomain>.workers.dev", dev.api)
    .replaceAll(/vrf_[0-9a-z]{26}/g, latestId)
    .replaceAll('"code": "210078"', `"code": "${await newestCode()}"`)
    .replaceAll("--remote", `--local --persist-to ${state}/state`)
    .replace(/^curl /, "curl --silent --show-error --fail-with-body ");
}

describe.each(PAGES.filter((page) => commands(page).length > 0).map((page) => [page.path, page] as const))(
  "%s",
  (_, page) => {
    const runnable = commands(page).filter((command) => !NOT_RUN.some(([pattern]) => pattern.test(command)));

    it(`has commands that run (${runnable.length} of ${commands(page).length})`, async () => {
      for (const documented of runnable) {
        const command = await localise(documented);
        const { stdout } = await run("sh", ["-c", command], {
          cwd: ROOT,
          env: { ...process.env, CI: "true", SANDI: dev.api, ADMIN_KEY },
        }).catch((error) => {
          throw new Error(`${command}\n${error.stdout}${error.stderr}`);
        });
        latestId = /"id": ?"(vrf_[0-9a-z]{26})"/.exec(stdout)?.[1] ?? latestId;
        if (command.includes("/check")) expect(stdout).toContain('"valid":true');
      }
    });
  },
);

/** Writes the page's first JavaScript into a folder of its own, in which imports are resolved. */
async function writeScript(
  path: string,
  name: string,
  localize: (source: string) => string,
  place = 0,
): Promise<string> {
  const page = PAGES.find((candidate) => candidate.path === path) ?? { path, text: "" };
  const source = codeBlocks(page).filter(({ language }) => language === "js")[place]?.code ?? "";
  const folder = join(state, name);
  await mkdir(folder);
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, `${name}.mjs`), localize(source));
  return folder;
}

async function call(path: string, body: object) {
  const response = await fetch(`${dev.api}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
    body: JSON.stringify(body),
  });
  return response.json();
}

it("README.md has lines that verify a proof, and refuse one of another nonce or with another signature", async () => {
  const folder = await writeScript("README.md", "proof", (source) =>
    source.replaceAll("http://127.0.0.1:8787", dev.api),
  );
  const { verifiedNumber } = await import(pathToFileURL(join(folder, "proof.mjs")).href);
  const to = "+6281234567898";
  const { id } = await call("/v1/verifications", { to });
  const asked = { audience: "https://orders.example.com", nonce: "n-1" };
  const { proof } = await call(`/v1/verifications/${id}/check`, { code: await newestCode(), proof: asked });
  expect(await verifiedNumber(proof, "n-1")).toBe(to);
  await expect(verifiedNumber(proof, "n-2")).rejects.toThrow("another request");
  await expect(verifiedNumber(`${proof.slice(0, -8)}AAAAAAAA`, "n-1")).rejects.toThrow("signature");
});

it("docs/events.md has receivers that verify and print the events of an approval, singly and in batches", async () => {
  const approval = { event_types: ["verification.approved"] };
  const receivers = await Promise.all([
    startReceiver("receiver", 0, approval),
    startReceiver("batches", 1, { ...approval, batch: { max_wait_ms: 100 } }),
  ]);
  try {
    const { id } = await call("/v1/verifications", { to: "+6281234567899" });
    await call(`/v1/verifications/${id}/check`, { code: await newestCode() });
    for (const { printed } of receivers) {
      await vi.waitFor(
        () => expect(printed()).toMatch(new RegExp(`^evt_\\w+ verification\\.approved ${id}$`, "m")),
        20_000,
      );
    }
  } finally {
    for (const { process } of receivers) process.kill();
  }
});

/** Registers an endpoint and runs a receiver of docs/events.md behind it. */
async function startReceiver(name: string, place: number, endpoint: object) {
  const { api: port } = await freePorts();
  const localize = (source: string) => source.replace(/400[01]/, String(port));
  const folder = await writeScript("docs/events.md", name, localize, place);
  const { secret } = await call("/v1/webhook-endpoints", {
    url: `http://127.0.0.1:${port}/sandi`,
    ...endpoint,
  });
  const env = { ...process.env, SANDI_WEBHOOK_SECRET: secret };
  const receiver = spawn(process.execPath, [`${name}.mjs`], { cwd: folder, env });
  let printed = "";
  for (const stream of [receiver.stdout, receiver.stderr]) stream.on("data", (chunk) => (printed += chunk));
  return { process: receiver, printed: () => printed };
}
