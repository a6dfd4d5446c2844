/**
 * `npm run bench:pair -- <git ref> [--quick]`: the throughput of the working tree compared with that of another
 * commit. Both are built, and their processes are measured in turns in one run, so that a disturbance of the
 * machine affects both. Two processes of the same build differ by up to five per cent, so several pairs of
 * processes are started, one pair after the other. The last line is JSON: new : old, of requests per second, so
 * above 1 the working tree is faster.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BuiltWorker, Environment } from "./harness/environment.ts";
import { measureThroughput, THROUGHPUT_LATENCY_MS, type Throughput } from "./harness/load.ts";
import { drawNumbers } from "./harness/numbers.ts";
import { sandi, sandiValues } from "./harness/services.ts";
import { checkOutTree, resolveRef } from "./harness/source-tree.ts";
import { formatSpread, median, round, type Spread, spread, table } from "./harness/statistics.ts";

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [ref] = positionals;
if (ref === undefined) throw new Error("Name a commit to compare with: npm run bench:pair -- <git ref>");

const PAIRS = values.quick ? 2 : 6;
/** Short turns in quick alternation: a disturbance lasts longer than one, and so affects both builds. */
const NUMBERS_PER_TURN = 100;
const NUMBERS = 600;
/** Not counted: they create the numbers' databases and compile the code. */
const WARM_UP_PASSES = 2;
/** Together with the warm-up below the ten sends that a number may have in a day. */
const PASSES = 7;
const TURNS = (PASSES * NUMBERS) / NUMBERS_PER_TURN;

interface Turn {
  readonly new: Throughput;
  readonly old: Throughput;
}

const commit = await resolveRef(ref);
const environment = await Environment.open();
try {
  const tree = join(environment.directory, "tree");
  await checkOutTree(commit, tree);
  const builds = {
    new: await environment.buildWorker("wrangler.toml"),
    old: await environment.buildWorker("wrangler.toml", tree),
  };
  await environment.setLatency(THROUGHPUT_LATENCY_MS);
  const pairs: (readonly Turn[])[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    pairs.push(await measurePair(builds));
    console.error(`Pair ${pair + 1} of ${PAIRS} is measured.`);
  }
  report(pairs);
} finally {
  environment.close();
}

/** Measures one process of each build in alternating turns. */
async function measurePair(builds: Readonly<Record<keyof Turn, BuiltWorker>>): Promise<readonly Turn[]> {
  const workers = { new: await start(builds.new), old: await start(builds.old) };
  const numbers = drawNumbers(NUMBERS);
  const measure = (name: keyof Turn, part: readonly string[], passes = 1) =>
    measureThroughput(environment, sandi(workers[name].port, name), part, passes);
  await measure("new", numbers, WARM_UP_PASSES);
  await measure("old", numbers, WARM_UP_PASSES);
  const turns: Turn[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const first = (turn * NUMBERS_PER_TURN) % NUMBERS;
    const part = numbers.slice(first, first + NUMBERS_PER_TURN);
    // The order alternates, so that neither build always follows the other.
    if (turn % 2 === 0) turns.push({ new: await measure("new", part), old: await measure("old", part) });
    else {
      const old = await measure("old", part);
      turns.push({ new: await measure("new", part), old });
    }
  }
  for (const { workerd } of Object.values(workers)) await workerd.kill();
  return turns;
}

function start(build: BuiltWorker) {
  // On a loaded machine a number's next turn may come later than the ten seconds after which workerd evicts it.
  const runtime = { preventEviction: true };
  return environment.startWorker(build, sandiValues(environment.whatsAppBaseUrl), { runtime });
}

function report(pairs: readonly (readonly Turn[])[]): void {
  const turns = pairs.flat();
  const figures = (measure: keyof Throughput) => ({
    perSecond: (["new", "old"] as const).map((name) =>
      round(median(turns.map((turn) => turn[name][measure])), 0),
    ),
    // One ratio a pair of processes; its turns differ less than the processes do.
    ratio: spread(pairs.map((pair) => median(pair.map((turn) => turn.new[measure] / turn.old[measure])))),
  });
  const [starts, checks, roundTrips] = [figures("start"), figures("check"), figures("roundTrip")];
  const row = (title: string, { perSecond, ratio }: ReturnType<typeof figures>) => [
    title,
    ...perSecond,
    formatSpread(ratio, 3),
  ];
  console.log(
    `\nThe working tree (new) and ${commit} (old): medians of ${PAIRS} pairs of processes with ${TURNS} turns each;` +
      " a ratio with the lowest and highest pair. Above 1, new is faster.\n",
  );
  console.log(
    table(
      ["per second", "new", "old", "new : old"],
      [row("starts", starts), row("checks", checks), row("round trips", roundTrips)],
    ),
  );
  const result = {
    start: round(starts.ratio.median, 3),
    check: round(checks.ratio.median, 3),
    round_trip: round(roundTrips.ratio.median, 3),
    spread: {
      start: range(starts.ratio),
      check: range(checks.ratio),
      round_trip: range(roundTrips.ratio),
    },
    old: commit,
    pairs: PAIRS,
    turns: TURNS,
    quick: values.quick,
  };
  console.log(`\n${JSON.stringify(result)}`);
}

function range({ lowest, highest }: Spread): readonly [number, number] {
  return [round(lowest, 3), round(highest, 3)];
}
