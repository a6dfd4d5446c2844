/**
 * `npm run paths`: lists the source files whose functions run during a start, a check, a WhatsApp status and the
 * consumption of an event, in a warm isolate, and compares them with docs/architecture.md. It runs `npm run dev` on
 * a copy of the source in which each function reports its file.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../world/dev.ts";
import { documentedPath, PATH_NAMES, PATHS, type PathName } from "./document.ts";
import { CALLS_PATH, instrument } from "./instrument.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const COPIED = [
  "src",
  "test/simulator",
  "package.json",
  "tsconfig.json",
  "wrangler.toml",
  ".dev.vars.example",
];
const ADMIN_KEY = "local-development-only-admin-key";
const PORTS = await freePorts();
const API = `http://127.0.0.1:${PORTS.api}`;
const PHONE = `http://127.0.0.1:${PORTS.phone}/_sim`;

/** The queue of events waits two seconds for a batch; this leaves time for the consumer. */
const EVENT_MS = 5_000;

async function call(url: string, body: object, method = "POST") {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  return response.json();
}

async function newestMessage(to: string) {
  const response = await fetch(`${PHONE}/messages?to=${encodeURIComponent(to)}`);
  return (await response.json()).messages[0];
}

/** The files in which a function was called since the last reading. */
async function calledFiles(): Promise<string[]> {
  const response = await fetch(API + CALLS_PATH);
  return Object.keys(await response.json()).sort();
}

/** Verifies one number and reads which files each step called. */
async function verify(to: string): Promise<Record<PathName, readonly string[]>> {
  await calledFiles();
  const { id } = await call(`${API}/v1/verifications`, { to, client: { ip: "203.0.113.9" } });
  const start = await calledFiles();
  const message = await newestMessage(to);
  await call(`${PHONE}/messages/${message.id}/status`, { status: "delivered" });
  const status = await calledFiles();
  const { valid } = await call(`${API}/v1/verifications/${id}/check`, { code: message.code });
  if (!valid) throw new Error("The code was not accepted");
  const check = await calledFiles();
  await pause(EVENT_MS);
  const event = await calledFiles();
  return { "A start": start, "A check": check, "A WhatsApp status": status, "An event": event };
}

async function waitForWorker(output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if ((await fetch(`${API}/health`).catch(() => null))?.ok) return;
    if (dev.exitCode !== null) break;
    await pause(100);
  }
  throw new Error(`The Worker does not answer:\n${output()}`);
}

const copy = await mkdtemp(join(tmpdir(), "sandi-paths-"));
for (const path of COPIED) await cp(join(ROOT, path), join(copy, path), { recursive: true });
await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
instrument(join(copy, "src"));

const dev = spawn(process.execPath, ["test/simulator/dev.ts"], {
  cwd: copy,
  env: { ...process.env, PORT: String(PORTS.api), SIMULATOR_PORT: String(PORTS.phone) },
});
let printed = "";
for (const stream of [dev.stdout, dev.stderr]) stream.on("data", (chunk) => (printed += chunk));

let differences = 0;
try {
  await waitForWorker(() => printed);
  await call(`${PHONE}/behaviour`, { delivery: "manual" }, "PUT");
  for (const to of ["+6281234500001", "+6281234500002"]) await verify(to);
  const called = await verify("+6281234500003");
  for (const name of PATH_NAMES) {
    const { walked, called: beside } = documentedPath(name);
    const missing = called[name].filter((file) => !walked.includes(file) && !beside.includes(file));
    const unused = [...walked, ...beside].filter((file) => !called[name].includes(file));
    differences += missing.length + unused.length;
    console.log(
      `\n${name}: ${called[name].length} files run; ${walked.length} of at most ${PATHS[name]} are the path`,
    );
    for (const file of missing) console.log(`  runs, but is not in docs/architecture.md: ${file}`);
    for (const file of unused) console.log(`  is in docs/architecture.md, but does not run: ${file}`);
  }
} finally {
  if (dev.exitCode === null) {
    dev.kill("SIGINT");
    await once(dev, "exit");
  }
  await rm(copy, { recursive: true, force: true });
}
process.exitCode = differences === 0 ? 0 : 1;
