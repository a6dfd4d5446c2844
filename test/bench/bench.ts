/**
 * `npm run bench [-- --quick]`: how fast a start and a check are, beside the least that they could cost and
 * beside better-auth, which somebody might run instead. All on this machine, over the loopback, at the same
 * time; so only the ratios mean something on another. Prints tables in Markdown; the last line is JSON.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Contest, type Plan, ratio } from "./bench/contest.ts";
import { median, round } from "./bench/figures.ts";
import { setStage } from "./bench/stage.ts";
import { latencyTable, type Startup, startupTable, throughputTable } from "./bench/tables.ts";

const isQuick = process.argv.includes("--quick");

const PLAN: Plan = isQuick
  ? {
      rounds: 3,
      passes: 1,
      latency: { rounds: 1, whatsAppMs: [50, 300], rates: [{ perSecond: 100, seconds: 1.5 }] },
    }
  : {
      rounds: 9,
      passes: 2,
      latency: {
        rounds: 3,
        whatsAppMs: [50, 300],
        rates: [
          { perSecond: 10, seconds: 10 },
          { perSecond: 100, seconds: 5 },
          { perSecond: 400, seconds: 2.5 },
        ],
      },
    };

const startup = await measureStartup();
const stage = await setStage();
try {
  const contest = new Contest(stage);
  const rounds = await contest.throughput(PLAN);
  const added = await contest.latency(PLAN);
  console.log(`\nOn ${availableParallelism()} processors, medians of ${PLAN.rounds} rounds:\n`);
  console.log(throughputTable(rounds));
  console.log("\nA round trip is a start and a check; better-auth's check signs its user in as well.");
  console.log("\nWhat a start takes beyond WhatsApp's own time:\n");
  console.log(latencyTable(added));
  console.log("\nAlone in bare workerd:\n");
  console.log(startupTable(startup));
  console.log();
  const result = {
    start_vs_floor: round(ratio(rounds, "start", "floor"), 3),
    check_vs_floor: round(ratio(rounds, "check", "floor"), 3),
    round_trip_vs_better_auth: round(ratio(rounds, "roundTrip", "better_auth"), 3),
    // The worst of them: no rate may be a bad one.
    p50_added_vs_floor: round(Math.max(...added.map(({ sandi, floor }) => median(sandi) / median(floor))), 3),
    bundle_gzip_bytes: startup.bundle_gzip_bytes.sandi,
    first_answer_vs_hono: startup.first_answer_vs_hono,
    rounds: PLAN.rounds,
    processors: availableParallelism(),
    quick: isQuick,
  };
  console.log(JSON.stringify(result));
} finally {
  stage.close();
}

/** Before everything else, while nobody else is at work. */
async function measureStartup(): Promise<Startup> {
  const script = fileURLToPath(new URL("startup.ts", import.meta.url));
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error("The start-up could not be measured");
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as Startup;
}
