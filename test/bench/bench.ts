/**
 * `npm run bench [-- --quick]`: the speed of a start and a check, compared with a Worker that does the minimum
 * (`floor.ts`) and with better-auth. Everything runs on this machine over the loopback interface, so only the
 * ratios are comparable between machines; each is printed with its lowest and highest round. Prints tables in
 * Markdown; the last line is JSON.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Values } from "../world/project.ts";
import { Comparison, latencyRatio, type Plan, type Services, throughputRatio } from "./harness/comparison.ts";
import { Environment } from "./harness/environment.ts";
import { betterAuth, floor, sandi, sandiValues } from "./harness/services.ts";
import { round, type Spread } from "./harness/statistics.ts";
import { latencyTable, startupTable, throughputTable } from "./harness/tables.ts";
import type { StartupResult } from "./startup.ts";

const BETTER_AUTH = fileURLToPath(new URL("better-auth", import.meta.url));
const isQuick = process.argv.includes("--quick");

const PLAN: Plan = isQuick
  ? {
      rounds: 5,
      passes: 1,
      latency: { rounds: 3, whatsAppMs: [50, 300], rates: [{ startsPerSecond: 100, seconds: 1 }] },
    }
  : {
      rounds: 9,
      passes: 2,
      latency: {
        rounds: 3,
        whatsAppMs: [50, 300],
        rates: [
          { startsPerSecond: 10, seconds: 10 },
          { startsPerSecond: 100, seconds: 5 },
          { startsPerSecond: 400, seconds: 2.5 },
        ],
      },
    };

// First, while no other process of this benchmark runs.
const startup = await measureStartup();
await installBetterAuth();
const environment = await Environment.open();
try {
  const comparison = new Comparison(environment, await startServices());
  const rounds = await comparison.throughput(PLAN);
  const added = await comparison.latency(PLAN);
  console.log(
    `\nOn ${availableParallelism()} processors, medians of ${PLAN.rounds} rounds; a ratio with its lowest and highest round:\n`,
  );
  console.log(throughputTable(rounds));
  console.log("\nA round trip is a start and a check; better-auth's check also signs the user in.");
  console.log("\nMilliseconds that a start takes beyond WhatsApp's own latency:\n");
  console.log(latencyTable(added));
  console.log("\nAlone in bare workerd:\n");
  console.log(startupTable(startup));
  console.log();
  const start = throughputRatio(rounds, "start", "floor");
  const check = throughputRatio(rounds, "check", "floor");
  const roundTrip = throughputRatio(rounds, "roundTrip", "betterAuth");
  const [worstLatency] = added.map(latencyRatio).toSorted((a, b) => b.median - a.median);
  const result = {
    start_vs_floor: round(start.median, 3),
    check_vs_floor: round(check.median, 3),
    round_trip_vs_better_auth: round(roundTrip.median, 3),
    // The highest ratio of all rates and latencies.
    p50_added_vs_floor: round(worstLatency?.median ?? Number.NaN, 3),
    spread: {
      start_vs_floor: range(start),
      check_vs_floor: range(check),
      round_trip_vs_better_auth: range(roundTrip),
      p50_added_vs_floor: worstLatency === undefined ? null : range(worstLatency),
    },
    bundle_gzip_bytes: startup.bundle_gzip_bytes.sandi,
    first_answer_vs_hono: startup.first_answer_vs_hono,
    rounds: PLAN.rounds,
    processors: availableParallelism(),
    quick: isQuick,
  };
  console.log(JSON.stringify(result));
} finally {
  environment.close();
}

/** Starts Sandi, the floor and better-auth, each in its own process, all with the same stand-in for WhatsApp. */
async function startServices(): Promise<Services> {
  const { whatsAppBaseUrl } = environment;
  const worker = async (toml: string, values: Values) => {
    const built = await environment.buildWorker(toml);
    return (await environment.startWorker(built, values)).port;
  };
  const database = join(environment.directory, "better-auth.sqlite");
  const server = join(BETTER_AUTH, "server.js");
  return {
    sandi: sandi(await worker("wrangler.toml", sandiValues(whatsAppBaseUrl))),
    floor: floor(await worker("test/bench/floor.toml", { WHATSAPP_BASE_URL: whatsAppBaseUrl })),
    betterAuth: betterAuth(await environment.startScript<number>(server, database, whatsAppBaseUrl)),
  };
}

async function measureStartup(): Promise<StartupResult> {
  const script = fileURLToPath(new URL("startup.ts", import.meta.url));
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error("bench:startup failed");
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as StartupResult;
}

/** better-auth has its own package.json, so that the project does not depend on it. */
async function installBetterAuth(): Promise<void> {
  if (existsSync(join(BETTER_AUTH, "node_modules"))) return;
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund"], { cwd: BETTER_AUTH, stdio: "inherit" });
  const [code] = await once(npm, "exit");
  if (code !== 0) throw new Error("better-auth could not be installed");
}

function range({ lowest, highest }: Spread): readonly [number, number] {
  return [round(lowest, 3), round(highest, 3)];
}
