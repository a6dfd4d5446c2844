/**
 * `npm run bench:startup`: what Sandi adds to the start of a Worker. Starts the built bundle and a Worker of
 * Hono alone in bare workerd, in turn, and times each from the process's start to its first answer.
 * The last line is JSON. Only the ratio means something on another machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROUNDS = process.argv.includes("--quick") ? 5 : 20;

/** The path of the binary that wrangler ships with. */
const workerd: string = createRequire(import.meta.url)("workerd").default;

const ENVIRONMENT = {
  SECRET_KEY: "benchmark-secret-key-0123456789abcdef",
  ADMIN_KEY: "benchmark-admin-key-0123456789abcdef",
  WHATSAPP_ACCESS_TOKEN: "t",
  WHATSAPP_APP_SECRET: "s",
  WHATSAPP_VERIFY_TOKEN: "v",
  DEFAULT_LOCALE: "en-US",
  WHATSAPP_BASE_URL: "http://127.0.0.1:9",
  WHATSAPP_API_VERSION: "v26.0",
  WHATSAPP_PHONE_NUMBER_ID: "100000000000001",
  WHATSAPP_BUSINESS_ACCOUNT_ID: "200000000000002",
};

const directory = await mkdtemp(join(tmpdir(), "sandi-startup-"));
try {
  const sandi = await build("sandi", []);
  const hono = await build("hono", ["test/bench/hono-alone.ts", "--config", await honoConfig()]);
  const times = { sandi: [] as number[], hono: [] as number[] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const pair = { hono: await timeToFirstAnswer(hono), sandi: await timeToFirstAnswer(sandi) };
    if (round === 0) continue; // The first pair warms the disk.
    times.sandi.push(pair.sandi);
    times.hono.push(pair.hono);
  }
  const added = median(times.sandi.map((time, round) => time - (times.hono[round] ?? 0)));
  const result = {
    rounds: ROUNDS,
    first_answer_ms: { sandi: round1(median(times.sandi)), hono: round1(median(times.hono)) },
    added_ms: round1(added),
    first_answer_vs_hono: round1(median(times.sandi) / median(times.hono)),
    bundle_gzip_bytes: { sandi: sandi.gzipBytes, hono: hono.gzipBytes },
  };
  console.log(`From the start of the process to the first answer, median of ${ROUNDS}: Sandi`);
  console.log(`${result.first_answer_ms.sandi} ms, Hono alone ${result.first_answer_ms.hono} ms.`);
  console.log(JSON.stringify(result));
} finally {
  await rm(directory, { recursive: true, force: true });
}

interface Bundle {
  readonly config: string;
  readonly port: number;
  readonly gzipBytes: number;
}

/** Builds as a deploy does, and writes workerd's configuration beside it. */
async function build(name: string, args: readonly string[]): Promise<Bundle> {
  const out = join(directory, name);
  const wrangler = spawn("wrangler", ["deploy", ...args, "--dry-run", "--minify", "--outdir", out], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(wrangler, "exit");
  if (code !== 0) throw new Error(`${name} did not build`);
  const module = (await readdir(out)).find((file) => file.endsWith(".js"));
  if (module === undefined) throw new Error(`${name} has no module`);
  const text = await readFile(join(out, module));
  const port = await freePort();
  const config = join(out, "config.capnp");
  await writeFile(config, capnp(module, port, name === "sandi"));
  return { config, port, gzipBytes: (await promisify(gzip)(text)).byteLength };
}

async function honoConfig(): Promise<string> {
  const path = join(directory, "hono.toml");
  await writeFile(path, 'name = "hono"\ncompatibility_date = "2026-11-17"\n');
  return path;
}

function capnp(module: string, port: number, isSandi: boolean): string {
  const texts = Object.entries(ENVIRONMENT).map(([name, text]) => `(name = "${name}", text = "${text}")`);
  const bindings = [
    ...texts,
    '(name = "PURPOSES", json = "{\\"login\\":{}}")',
    '(name = "PHONE_NUMBERS", durableObjectNamespace = "PhoneNumber")',
  ];
  const object = '(className = "PhoneNumber", uniqueKey = "sandi", enableSql = true)';
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${module}")],
  compatibilityDate = "2026-11-17",
  bindings = [${isSandi ? bindings.join(", ") : ""}],
  durableObjectNamespaces = [${isSandi ? object : ""}],
  durableObjectStorage = (inMemory = void)
);
`;
}

async function timeToFirstAnswer({ config, port }: Bundle): Promise<number> {
  const startedAt = performance.now();
  const process = spawn(workerd, ["serve", config], { stdio: "ignore" });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    if (answer?.ok) break;
  }
  const time = performance.now() - startedAt;
  process.kill("SIGKILL");
  await once(process, "exit");
  return time;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
