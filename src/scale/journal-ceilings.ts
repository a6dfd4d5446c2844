import { LIMIT_BYTES, WARNING_PERCENT } from "../journal/capacity.ts";
import { MAX_COUNTED } from "../journal/exact-stats.ts";
import { MAX_SCANNED } from "../journal/scan.ts";
import { LIMITS } from "../journal/tallies/fold.ts";
import { STAGES } from "../journal/tallies/stages.ts";
import { HOUR_MS, MINUTE_MS } from "../platform/time.ts";
import { FALL_BEHIND, type Find } from "./ceiling.ts";
import { figure, size } from "./figure.ts";
import * as each from "./per-verification.ts";
import { aDay, atPeak, storedOf } from "./plan.ts";
import * as platform from "./platform.ts";

/** An hour is folded while it is under way, a larger part by each run, and once in each of the stages after it. */
const readingsOf = (runsAnHour: number) => (runsAnHour + 1) / 2 + STAGES.length;
const HOUR_SECONDS = HOUR_MS / 1000;
const MINUTE_SECONDS = MINUTE_MS / 1000;

/** What becomes of events: the journal, its lists and statistics, and the queue to it. */
export const JOURNAL_CEILINGS: readonly Find[] = [
  (plan) => {
    const { rows, rowDays } = storedOf(plan);
    const at = aDay(LIMIT_BYTES, rows);
    const hours = LIMIT_BYTES / (each.ROW_BYTES * plan.rate * HOUR_SECONDS);
    const until = hours < 48 ? `${figure(hours)} hours` : `${figure(hours / 24)} days`;
    return {
      id: "database_size",
      title: "The size of the journal's database",
      at,
      because: `It holds ${size(LIMIT_BYTES)}; a row takes ${size(each.ROW_BYTES)} for up to ${rowDays} days.${plan.rate > at ? ` At this rate it is full after ${until}.` : ""}`,
      effect: `From ${WARNING_PERCENT} % on \`capacity.warning\` says so. Full: codes go on, events wait in their queues, lists and statistics show nothing newer.`,
      remedy: "Keep fewer days: JOURNAL_RETENTION_DAYS.",
    };
  },
  (plan) => {
    const { events, deliveries, settings } = plan;
    const batchOf = (queue: string) => settings.consumers.get(queue)?.messages ?? 1;
    const queries =
      each.CONFIRMING_QUERIES +
      (events / batchOf("sandi-events")) * each.QUERIES_PER_EVENT_BATCH +
      (deliveries / batchOf("sandi-deliveries")) * each.QUERIES_PER_DELIVERY_BATCH +
      deliveries * each.QUERIES_PER_DELIVERY;
    return {
      id: "database_queries",
      title: "The queries of the journal's database",
      at: atPeak(1000 / platform.D1_QUERY_MS, queries),
      because: `It answers one at a time; a verification makes ${figure(queries)}, of ${platform.D1_QUERY_MS} ms each.`,
      effect: FALL_BEHIND,
      remedy: "Fewer types of events for each endpoint, or batches.",
    };
  },
  () => ({
    id: "list_order",
    title: "Lists in the order of time",
    at: atPeak(MAX_SCANNED / MINUTE_SECONDS, 1),
    because: `A page sorts a minute of up to ${figure(MAX_SCANNED)} verifications.`,
    effect: "Within a fuller minute, lists are in the order of ids. Nothing is left out.",
    remedy: "None is needed.",
  }),
  () => ({
    id: "statistics",
    title: "Exact percentiles in the statistics of a day",
    at: aDay(MAX_COUNTED, 1),
    because: `Up to ${figure(MAX_COUNTED)} verifications are counted one by one.`,
    effect:
      "The times to verify in statistics are up to 7 % off, and the answer says so. Counts and costs stay exact.",
    remedy: "Ask about a shorter time.",
  }),
  ({ settings }) => ({
    id: "tallies",
    title: "The tallies of the busiest hours",
    at: atPeak((settings.runsAnHour * LIMITS.rows) / HOUR_SECONDS, readingsOf(settings.runsAnHour)),
    because: `Each of ${settings.runsAnHour} runs an hour reads ${figure(LIMITS.rows)} rows and begins no further hour then; a row is read ${figure(readingsOf(settings.runsAnHour))} times.`,
    effect: "Statistics of such hours come later; nothing is left out.",
    remedy: "None is needed, unless the rate stays there all day.",
  }),
  ({ events }) => ({
    id: "events_queue",
    title: "The queue of events",
    at: atPeak(platform.QUEUE_MESSAGES_PER_SECOND, events),
    because: `It takes ${figure(platform.QUEUE_MESSAGES_PER_SECOND)} messages a second; a verification makes ${events}.`,
    effect: `${FALL_BEHIND} Objects keep their events meanwhile.`,
    remedy: "Fewer types of events: those that no endpoint wants are not sent.",
  }),
];
