/**
 * `npm run bench:cost [-- --quick]`: what a verification costs at Cloudflare's list prices. Counts, and does not
 * estimate: the built Worker runs in workerd, every call, row, message and alarm of each verification is counted
 * until the last trace of it is forgotten, and time goes as fast as the work is done. At 100, 10,000 and 100,000
 * numbers, for no unit may grow with them, which takes a quarter of an hour on two processors; quick, at 100 and
 * 600. `-- --path plain` measures one path. Prints tables in Markdown; the last line is JSON.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PLATFORM_COST_USD } from "../../src/journal/platform-cost.ts";
import { bill, growth, sum } from "./cost/bill.ts";
import { buildDriver } from "./cost/bundle.ts";
import { PATHS } from "./cost/paths.ts";
import { measureAll } from "./cost/pool.ts";
import { ASSUMED_AWAKE_MS, PRICES_OF } from "./cost/prices.ts";
import { costTable, scaleTable, sourceTable } from "./cost/tables.ts";
import { ARRIVAL } from "./cost/world.ts";
import { round } from "./harness/statistics.ts";

/** What a million verifications on the plain path may cost; more, and this fails. */
const MOST_USD = 15;

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, path: { type: "string" } },
});
const sizes = values.quick ? [100, 600] : [100, 10_000, 100_000];
const paths = PATHS.filter(({ name }) => values.path === undefined || values.path === name);

const bundle = await mkdtemp(join(tmpdir(), "sandi-cost-"));
try {
  const driver = await buildDriver(bundle);
  const jobs = sizes.flatMap((numbers) => paths.map(({ name }) => ({ path: name, numbers, driver })));
  const measured = await measureAll(jobs);
  const few = measured.slice(0, paths.length);
  const many = measured.slice(-paths.length);
  console.log(
    `\nAt list prices of ${PRICES_OF}; a verification every ${ARRIVAL.everyMs / 1000} s, in one isolate;`,
  );
  console.log(
    `an object is taken to be awake ${ASSUMED_AWAKE_MS} ms a call; CPU is all that workerd used.\n`,
  );
  console.log(`${costTable(many)}\n\n${scaleTable(measured)}`);
  for (const one of many) console.log(`\n${sourceTable(one)}`);
  const usd = many.map((one) => [one.path, round(sum(Object.values(bill(one))), 2)] as const);
  const plain = Object.fromEntries(usd).plain;
  if (plain !== undefined) console.log(`\n${comparison(plain)}`);
  const ratios = few.map((one, index) => growth(one, many[index] ?? one));
  const result = {
    usd_per_million: Object.fromEntries(usd),
    units_100k_vs_100: round(Math.max(...ratios), 4),
    prices: PRICES_OF,
    numbers: sizes,
    quick: values.quick,
  };
  console.log(`\n${JSON.stringify(result)}`);
  if (plain !== undefined && plain > MOST_USD) process.exitCode = 1;
} finally {
  await rm(bundle, { recursive: true, force: true });
}

/** Whether the statistics, which can only estimate, still reckon with what is counted. */
function comparison(counted: number): string {
  const estimated = PLATFORM_COST_USD * 1e6;
  const told = `The statistics reckon with ${round(estimated, 2)} a million`;
  const isNear = Math.abs(estimated / counted - 1) < 0.05;
  return isNear ? `${told}.` : `${told}: change that in src/journal/platform-cost.ts to ${counted}.`;
}
