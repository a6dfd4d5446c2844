/**
 * `npm run bench:startup [-- --quick]`: the time from the start of the process to the first answer, of the built
 * bundle and of a Worker with Hono alone, in turns in bare workerd. The aim is at most 3.5 times Hono alone. The
 * last line is JSON; on another machine only the ratio is comparable.
 */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { freePort } from "../world/network.ts";
import { buildWorker, readSettings, type Values } from "../world/project.ts";
import { Workerd } from "../world/workerd.ts";
import { sandiValues } from "./harness/services.ts";
import { formatSpread, round, spread } from "./harness/statistics.ts";

const ROUNDS = process.argv.includes("--quick") ? 5 : 20;
const HIGHEST_RATIO = 3.5;

/** What the last line says. */
export interface StartupResult {
  readonly rounds: number;
  readonly first_answer_ms: { readonly sandi: number; readonly hono: number };
  readonly added_ms: number;
  readonly first_answer_vs_hono: number;
  readonly bundle_gzip_bytes: { readonly sandi: number; readonly hono: number };
}

interface Configured {
  readonly workerd: Workerd;
  readonly port: number;
  readonly gzipBytes: number;
}

const directory = await mkdtemp(join(tmpdir(), "sandi-startup-"));
try {
  const sandi = await configure("sandi", "wrangler.toml", sandiValues("http://127.0.0.1:9"));
  const hono = await configure("hono", "test/bench/hono-alone.toml", {});
  const times: { readonly sandi: number; readonly hono: number }[] = [];
  // The first round reads both bundles into the file system's cache and is not counted.
  for (let turn = 0; turn <= ROUNDS; turn += 1) {
    times.push({ hono: await timeToFirstAnswer(hono), sandi: await timeToFirstAnswer(sandi) });
  }
  const counted = times.slice(1);
  const [ours, theirs] = [
    spread(counted.map((time) => time.sandi)),
    spread(counted.map((time) => time.hono)),
  ];
  const ratio = ours.median / theirs.median;
  const result: StartupResult = {
    rounds: ROUNDS,
    first_answer_ms: { sandi: round(ours.median, 1), hono: round(theirs.median, 1) },
    added_ms: round(spread(counted.map((time) => time.sandi - time.hono)).median, 1),
    first_answer_vs_hono: round(ratio, 2),
    bundle_gzip_bytes: { sandi: sandi.gzipBytes, hono: hono.gzipBytes },
  };
  console.log(`From the start of the process to the first answer, median of ${ROUNDS} (lowest to highest):`);
  console.log(`Sandi ${formatSpread(ours, 1)} ms, Hono alone ${formatSpread(theirs, 1)} ms.`);
  console.log(
    `${round(ratio, 2)} times Hono alone; the aim is at most ${HIGHEST_RATIO}: ${ratio <= HIGHEST_RATIO ? "met" : "missed"}.`,
  );
  console.log(JSON.stringify(result));
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function configure(name: string, toml: string, values: Values): Promise<Configured> {
  const [bundle, run] = [join(directory, `${name}-bundle`), join(directory, name)];
  await Promise.all([mkdir(bundle), mkdir(run)]);
  const main = await buildWorker(bundle, toml);
  const compressed = await promisify(gzip)(await readFile(main));
  const settings = readSettings(toml);
  const [port, platform] = [await freePort(), { kind: "empty" } as const];
  const workerd = await Workerd.open({ settings, values, main, directory: run, port, platform });
  await workerd.kill();
  return { workerd, port, gzipBytes: compressed.byteLength };
}

async function timeToFirstAnswer({ workerd, port }: Configured): Promise<number> {
  const startedAt = performance.now();
  await workerd.start();
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  const time = performance.now() - startedAt;
  await workerd.kill();
  if (!response.ok) throw new Error(`/health was answered with ${response.status}`);
  return time;
}
