/**
 * `npm run bench:scale [-- --quick] [-- --rows N]`: what the journal costs when it is large. D1 in workerd gets 90 days
 * of verifications, and an hour that is very busy. The rows that statistics, lists, look-ups and retention read and write
 * are D1's own counts; a time is compared with that of a count of the same rows in the same run. 10,000,000 rows, and
 * 3,600,000 in the hour, take six minutes or more and 10 GB of disk; quick, 120,000 and 60,000. Prints a table; the last
 * line is JSON. Exits with 1 where a figure is above its limit.
 */
import { parseArgs } from "node:util";
import { round } from "./harness/statistics.ts";
import { Databases } from "./scale/databases.ts";
import type { Step, Verdict } from "./scale/protocol.ts";
import { isMet, verdictTable } from "./scale/verdicts.ts";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, rows: { type: "string" } },
});
const { quick } = values;
const rows = Number(values.rows ?? (quick ? 120_000 : 10_000_000));
if (!Number.isSafeInteger(rows) || rows < 10_000) throw new Error("--rows is a number of at least 10,000");
const busyRows = quick ? 60_000 : 3_600_000;

const steps: readonly Step[] = [
  { do: "deliveries", count: quick ? 1_000 : 10_000 },
  { do: "pages", rows: busyRows },
  // In the quick form in one hour of each day, because every hour is folded by itself.
  { do: "fill", rows, hoursADay: quick ? 1 : 24 },
  { do: "fold" },
  { do: "statistics", rounds: quick ? 3 : 1 },
  { do: "number" },
  { do: "retention" },
];

const startedAt = performance.now();
const databases = await Databases.open();
try {
  const verdicts: Verdict[] = [];
  for (const step of steps) {
    const result = await databases.take(step);
    console.error(`After ${round((performance.now() - startedAt) / 1000, 1)} s: ${result.note}.`);
    verdicts.push(...result.verdicts);
  }
  console.log(
    `\n${rows.toLocaleString("en")} verifications in 90 days, ${busyRows.toLocaleString("en")} in the busy hour.\n`,
  );
  console.log(`${verdictTable(verdicts)}\n`);
  const figures = verdicts.map(({ id, figure }) => [id, round(figure, 4)] as const);
  console.log(JSON.stringify({ ...Object.fromEntries(figures), rows, quick }));
  if (!verdicts.every(isMet)) process.exitCode = 1;
} finally {
  await databases.close();
}
