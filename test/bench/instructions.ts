/**
 * `npm run bench:instructions [-- --quick] [-- --ref <git ref>]`: the instructions that workerd executes for one
 * start and one check, of Sandi and of the floor, and with `--ref` of another commit. Counted by valgrind's
 * callgrind (Debian: `apt install valgrind`), so that other load on the machine does not change them. The last
 * line is JSON.
 *
 * Counts repeat within one per cent because V8 is restricted to one thread and to its baseline compiler, and its
 * young generation is too large to be collected during a round: tier-up and garbage collection happen at
 * different moments of each run. So JavaScript weighs more here than in production, where hot code is optimised.
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Values } from "../world/project.ts";
import { CALLGRIND, CallgrindCounter, isCallgrindInstalled } from "./harness/callgrind.ts";
import { type BuiltWorker, Environment } from "./harness/environment.ts";
import { checkAll, startAll } from "./harness/load.ts";
import { drawNumbers } from "./harness/numbers.ts";
import { floor, type Service, sandi, sandiValues } from "./harness/services.ts";
import { checkOutTree, resolveRef } from "./harness/source-tree.ts";
import { round, type Spread, spread, table } from "./harness/statistics.ts";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, ref: { type: "string" } },
});

const ROUNDS = values.quick ? 3 : 7;
const NUMBERS = 60;
const WARM_UP_ROUNDS = 4;
/** What a request leaves running after its response, such as the queue's batch, ends within this time. */
const SETTLE_MS = 300;
/** With these, workerd warns that its compile cache of built-in scripts does not match; that only slows start-up. */
const V8_FLAGS = [
  "--single-threaded",
  "--no-opt",
  "--no-maglev",
  "--always-sparkplug",
  "--min-semi-space-size=256",
  "--max-semi-space-size=256",
];

/** Instructions of one request. */
interface Instructions {
  readonly start: Spread;
  readonly check: Spread;
}

if (!(await isCallgrindInstalled())) {
  console.log("bench:instructions needs valgrind, which is not installed (Debian: apt install valgrind).");
  process.exit(0);
}
const commit = values.ref === undefined ? null : await resolveRef(values.ref);
const environment = await Environment.open();
try {
  const { whatsAppBaseUrl } = environment;
  const sandiBuild = await environment.buildWorker("wrangler.toml");
  const floorBuild = await environment.buildWorker("test/bench/floor.toml");
  const ours = await measure("Sandi", sandiBuild, sandiValues(whatsAppBaseUrl), sandi);
  const lowest = await measure("the floor", floorBuild, { WHATSAPP_BASE_URL: whatsAppBaseUrl }, floor);
  let old: Instructions | null = null;
  if (commit !== null) {
    const tree = join(environment.directory, "tree");
    await checkOutTree(commit, tree);
    const build = await environment.buildWorker("wrangler.toml", tree);
    old = await measure(commit, build, sandiValues(whatsAppBaseUrl), sandi);
  }
  report(ours, lowest, old);
} finally {
  environment.close();
}

/** Counts a new process's instructions, with requests one after the other. */
async function measure(
  title: string,
  build: BuiltWorker,
  variables: Values,
  serviceOf: (port: number) => Service,
): Promise<Instructions> {
  const worker = await environment.startWorker(build, variables, {
    runtime: { v8Flags: V8_FLAGS, preventEviction: true },
    wrapper: CALLGRIND,
  });
  const counter = new CallgrindCounter(worker);
  const service = serviceOf(worker.port);
  for (let turn = 0; turn < WARM_UP_ROUNDS; turn += 1) await verify(service, drawNumbers(NUMBERS));
  const counts: { readonly start: number; readonly check: number }[] = [];
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const numbers = drawNumbers(NUMBERS);
    // Uncounted: creates the numbers' databases.
    await verify(service, numbers);
    await pause(SETTLE_MS);
    let started: Awaited<ReturnType<typeof startAll>> = new Map();
    const start = await counter.count(async () => {
      started = await startAll(environment, service, numbers, 1);
      await pause(SETTLE_MS);
    });
    const codes = await environment.takeCodes();
    const check = await counter.count(async () => {
      await checkAll(environment, service, started, codes, 1);
      await pause(SETTLE_MS);
    });
    counts.push({ start: start / NUMBERS, check: check / NUMBERS });
  }
  await worker.workerd.kill();
  console.error(`The instructions of ${title} are counted.`);
  return {
    start: spread(counts.map((count) => count.start)),
    check: spread(counts.map((count) => count.check)),
  };
}

async function verify(service: Service, numbers: readonly string[]): Promise<void> {
  const started = await startAll(environment, service, numbers, 1);
  await checkAll(environment, service, started, await environment.takeCodes(), 1);
}

function report(ours: Instructions, lowest: Instructions, old: Instructions | null): void {
  const millions = (value: number) => round(value / 1e6, 3);
  const format = ({ median: middle, lowest: low, highest }: Spread) =>
    `${millions(middle)} (${millions(low)} to ${millions(highest)})`;
  const row = (name: keyof Instructions) => [
    name,
    format(ours[name]),
    format(lowest[name]),
    ratio(ours[name], lowest[name]),
    ...(old === null ? [] : [format(old[name]), ratio(ours[name], old[name])]),
  ];
  const head = ["million instructions", "Sandi", "floor", "Sandi : floor"];
  if (commit !== null) head.push(commit, `Sandi : ${commit}`);
  console.log(`\nMedians of ${ROUNDS} rounds of ${NUMBERS} requests (lowest to highest round):\n`);
  console.log(table(head, [row("start"), row("check")]));
  const spreads = [ours, lowest, ...(old === null ? [] : [old])].flatMap(({ start, check }) => [
    start,
    check,
  ]);
  const result: Record<string, number | string | boolean> = {
    start_instructions_vs_floor: ratio(ours.start, lowest.start),
    check_instructions_vs_floor: ratio(ours.check, lowest.check),
    start_instructions: round(ours.start.median, 0),
    check_instructions: round(ours.check.median, 0),
    floor_start_instructions: round(lowest.start.median, 0),
    floor_check_instructions: round(lowest.check.median, 0),
    // The widest distance of a round from its median, as a share of the median.
    largest_deviation: round(Math.max(...spreads.map(deviation)), 4),
    rounds: ROUNDS,
    quick: values.quick,
  };
  if (old !== null && commit !== null) {
    result.old = commit;
    result.start_instructions_vs_old = ratio(ours.start, old.start);
    result.check_instructions_vs_old = ratio(ours.check, old.check);
    result.old_start_instructions = round(old.start.median, 0);
    result.old_check_instructions = round(old.check.median, 0);
  }
  console.log(`\n${JSON.stringify(result)}`);
}

function ratio(value: Spread, reference: Spread): number {
  return round(value.median / reference.median, 3);
}

function deviation({ median: middle, lowest, highest }: Spread): number {
  return Math.max(highest - middle, middle - lowest) / middle;
}
