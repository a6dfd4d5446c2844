/**
 * `npm run bench:cost [-- --quick]`: the cost of a verification at Cloudflare's list prices. Units are counted and
 * not estimated: the built Worker runs in workerd with a simulated clock, and every call, row, message and alarm
 * of each verification is counted until its last row is deleted. Runs with 100, 10,000 and 100,000 phone numbers
 * show that no unit grows with them, which takes a quarter of an hour on two processors; quick, with 100 and 600.
 * `-- --path plain` measures one path. Prints tables in Markdown; the last line is JSON.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PLATFORM_COST_USD } from "../../src/journal/platform-cost.ts";
import { ASSUMED_AWAKE_MS, bill, growth, PRICES_OF, sum } from "./cost/bill.ts";
import { measureAll } from "./cost/jobs.ts";
import { ARRIVAL, buildDriver } from "./cost/measure.ts";
import { PATHS } from "./cost/paths.ts";
import { scaleDifferences } from "./cost/scale.ts";
import { costTable, scaleTable, sourceTable } from "./cost/tables.ts";
import { round } from "./harness/statistics.ts";

/** The budget for a million verifications on the plain path; above it, the command fails. */
const BUDGET_USD = 15;

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
    `a call is assumed to keep an object in memory for ${ASSUMED_AWAKE_MS} ms; CPU is all that workerd used.\n`,
  );
  console.log(`${costTable(many)}\n\n${scaleTable(measured)}`);
  for (const result of many) console.log(`\n${sourceTable(result)}`);
  const usd = many.map((result) => [result.path, round(sum(Object.values(bill(result))), 2)] as const);
  const plain = Object.fromEntries(usd).plain;
  if (plain !== undefined) console.log(`\n${comparison(plain)}`);
  const differences = scaleDifferences(many);
  for (const difference of differences) {
    console.log(`npm run scale, src/scale/per-verification.ts: ${difference}.`);
  }
  const ratios = few.map((result, index) => growth(result, many[index] ?? result));
  const result = {
    usd_per_million: Object.fromEntries(usd),
    units_100k_vs_100: round(Math.max(...ratios), 4),
    prices: PRICES_OF,
    numbers: sizes,
    quick: values.quick,
  };
  console.log(`\n${JSON.stringify(result)}`);
  if (differences.length > 0 || (plain !== undefined && plain > BUDGET_USD)) process.exitCode = 1;
} finally {
  await rm(bundle, { recursive: true, force: true });
}

/** Compares the constant that the API's statistics use for their estimate with the counted cost. */
function comparison(counted: number): string {
  const estimated = PLATFORM_COST_USD * 1e6;
  const sentence = `The statistics assume ${round(estimated, 2)} dollars per million`;
  const isNear = Math.abs(estimated / counted - 1) < 0.05;
  return isNear ? `${sentence}.` : `${sentence}: change src/journal/platform-cost.ts to ${counted}.`;
}
