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
import { ASSUMED_AWAKE_MS, billKept, growth, type Kept, PRICES_OF, usdAdded, usdOf } from "./cost/bill.ts";
import { measureAll } from "./cost/jobs.ts";
import { buildDriver, type Measured } from "./cost/measure.ts";
import { PATHS, type Path } from "./cost/paths.ts";
import { scaleDifferences } from "./cost/scale.ts";
import { costTable, scaleTable, sourceTable } from "./cost/tables.ts";
import { round } from "./harness/statistics.ts";

/** The budgets for what a million verifications add, storage and logs aside; above one, the command fails. */
const BUDGETS_USD: Readonly<Record<Path["name"], number>> = {
  plain: 13.9,
  fallback: 21.5,
  guard: 20,
  webhook_endpoints: 115,
  webhook_batches: 30,
};

/** How much more a verification may cost with many numbers than with few. */
const MOST_GROWTH = 1.02;

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
    `\nAt list prices of ${PRICES_OF}; twenty verifications a minute in one isolate, or as a path says;`,
  );
  console.log(
    `a call is assumed to keep an object in memory for ${ASSUMED_AWAKE_MS} ms; CPU is all that workerd used.\n`,
  );
  console.log(`${costTable(few, many)}\n\n${scaleTable(measured)}`);
  for (const result of many) console.log(`\n${sourceTable(result)}`);
  const usd = Object.fromEntries(many.map((result) => [result.path, round(usdOf(result), 2)]));
  const kept = few.map((result, place) => billKept(result, many[place] ?? result));
  const keptUsd = (what: keyof Kept) =>
    Object.fromEntries(many.map(({ path }, place) => [path, round(kept[place]?.[what] ?? 0, 2)]));
  if (usd.plain !== undefined) console.log(`\n${comparison(usd.plain)}`);
  const ratios = few.map((result, place) => growth(result, many[place] ?? result));
  const result = {
    usd_per_million: usd,
    usd_per_million_added: Object.fromEntries(
      many.map((result, place) => [result.path, round(usdAdded(few[place] ?? result, result), 2)]),
    ),
    storage_usd_per_million: keptUsd("storage"),
    logs_usd_per_million: keptUsd("logs"),
    units_100k_vs_100: round(Math.max(...ratios), 4),
    prices: PRICES_OF,
    numbers: sizes,
    quick: values.quick,
  };
  const faults = [
    ...many.flatMap((result, place) => faultsOf(few[place] ?? result, result)),
    ...scaleDifferences(many).map((text) => `npm run scale, src/scale/per-verification.ts: ${text}.`),
  ];
  if (faults.length > 0) {
    console.log(`\n${faults.join("\n")}`);
    process.exitCode = 1;
  }
  console.log(`\n${JSON.stringify(result)}`);
} finally {
  await rm(bundle, { recursive: true, force: true });
}

/** Where a path costs more than its budget, or more the more numbers there are. */
function faultsOf(few: Measured, many: Measured): readonly string[] {
  const { path } = many;
  const [usd, before, added] = [usdOf(many), usdOf(few), usdAdded(few, many)];
  const over =
    added > BUDGETS_USD[path]
      ? [`${path} adds ${round(added, 2)} dollars, more than its budget of ${BUDGETS_USD[path]}.`]
      : [];
  const grows =
    usd > before * MOST_GROWTH
      ? [
          `${path} costs ${round(usd, 2)} dollars with ${many.numbers} numbers and ${round(before, 2)} with ${few.numbers}.`,
        ]
      : [];
  return [...over, ...grows];
}

/** Compares the constant that the API's statistics use for their estimate with the counted cost. */
function comparison(counted: number): string {
  const estimated = PLATFORM_COST_USD * 1e6;
  const sentence = `The statistics assume ${round(estimated, 2)} dollars per million`;
  const isNear = Math.abs(estimated / counted - 1) < 0.05;
  return isNear ? `${sentence}.` : `${sentence}: change src/journal/platform-cost.ts to ${counted}.`;
}
