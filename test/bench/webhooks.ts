/**
 * `npm run bench:webhooks [-- --quick]`: webhook endpoints in the built Worker in workerd, with the D1 and the queues of
 * miniflare. What an endpoint that hangs costs another one is a ratio of two latencies that are measured in alternating
 * rounds of one run, and each figure is the median with its lowest and highest round. Batches are judged by the rows
 * that they write, by their order and, in the long form, by the events a second that arrive. Prints tables in Markdown;
 * the last line is JSON.
 */
import { parseArgs } from "node:util";
import { formatSpread, median, round, spread, table } from "./harness/statistics.ts";
import { ANSWER_MS, measureBatches } from "./webhooks/batches.ts";
import { type HangingPlan, measureHanging } from "./webhooks/hanging.ts";
import { WebhookWorld } from "./webhooks/world.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

/**
 * An endpoint's 95th percentile beside one that hangs, by its own alone; above it, the command fails. Rounds of a second
 * differ by more than a tenth; one that waits for the other has a ratio above a hundred.
 */
const MAX_HANGING_RATIO = values.quick ? 2 : 1.1;

const PLAN: HangingPlan = values.quick
  ? { pairs: 2, roundMs: 1_000, withOnset: false }
  : { pairs: 8, roundMs: 5_000, withOnset: true };

/** What an endpoint that takes batches gets at least in the best round, and what an event of it may write. */
const MIN_EVENTS_PER_SECOND = values.quick ? 0 : 5_000;
const MAX_ROWS_PER_EVENT = 0.05;

const BATCH_ROUNDS = values.quick ? [3_000] : [30_000, 30_000, 30_000];

const world = await WebhookWorld.open();
try {
  const { alone, beside, onset, hung } = await measureHanging(world, PLAN);
  const ratios = beside.map((value, pair) => value / (alone[pair] ?? Number.NaN));
  const ratio = median(ratios);
  // Other load of the machine only adds, so that the quietest rounds tell whether it made the difference.
  const quietest = Math.min(...beside) / Math.min(...alone);
  console.log("\nMilliseconds from an event to the answer of an endpoint, at the 95th percentile:\n");
  console.log(
    table(
      [
        "alone",
        "beside one that hangs",
        "ratio of a pair",
        "of the quietest",
        "until that one is known as slow",
      ],
      [
        [
          formatSpread(spread(alone), 0),
          formatSpread(spread(beside), 0),
          formatSpread(spread(ratios), 2),
          round(quietest, 2),
          onset === null ? "" : round(onset, 0),
        ],
      ],
    ),
  );
  console.log(`\nThe endpoint that hangs was sent ${hung} events meanwhile.`);

  const rounds = [];
  for (const count of BATCH_ROUNDS) rounds.push(await measureBatches(world, count));
  const eventsPerSecond = Math.max(...rounds.map((result) => result.eventsPerSecond));
  const rowsPerEvent = Math.max(...rounds.map((result) => result.rowsPerEvent));
  const outOfOrder = Math.max(...rounds.map((result) => result.outOfOrder));
  console.log(`\nBatches to an endpoint that takes ${ANSWER_MS} ms for each:\n`);
  console.log(
    table(
      ["events", "requests", "events a second", "rows written an event", "out of order"],
      rounds.map((result) => [
        result.events,
        result.batches,
        round(result.eventsPerSecond, 0),
        round(result.rowsPerEvent, 3),
        result.outOfOrder,
      ]),
    ),
  );
  const result = {
    hanging_p95_ratio: round(ratio, 3),
    of_quietest_rounds: round(quietest, 3),
    batched_events_per_second: round(eventsPerSecond, 0),
    rows_per_batched_event: round(rowsPerEvent, 4),
    out_of_order: outOfOrder,
    quick: values.quick,
  };
  console.log(`\n${JSON.stringify(result)}`);
  const isSlow = Math.min(ratio, quietest) > MAX_HANGING_RATIO || eventsPerSecond < MIN_EVENTS_PER_SECOND;
  if (isSlow || rowsPerEvent > MAX_ROWS_PER_EVENT || outOfOrder > 0) process.exitCode = 1;
} finally {
  await world.close();
}
