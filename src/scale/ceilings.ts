import { DEFAULT_PACE, FASTEST_PACE } from "../channels/whatsapp/senders.ts";
import { CAPPED_REFRESH_MS, REFRESH_MS } from "../guard/budget/ledger.ts";
import { MAX_COUNTED } from "../journal/exact-stats.ts";
import { MAX_SCANNED } from "../journal/scan.ts";
import { LIMITS } from "../journal/tallies/fold.ts";
import { STAGES } from "../journal/tallies/stages.ts";
import { HOUR_MS, MINUTE_MS } from "../platform/time.ts";
import { PLACES_UNPROVEN } from "../webhook-endpoints/places.ts";
import { TIME_LIMIT_MS } from "../webhook-endpoints/post.ts";
import { DELETED_PER_RUN } from "../webhook-endpoints/retention.ts";
import type { Fence } from "./deployment.ts";
import { figure } from "./figure.ts";
import * as each from "./per-verification.ts";
import { aDay, atPeak, bytesOf, type Plan } from "./plan.ts";
import * as platform from "./platform.ts";

/** What stops, or becomes worse, from some number of verifications a second on. */
export interface Ceiling {
  readonly id: string;
  readonly title: string;
  /** The mean rate at which it is met. */
  readonly at: number;
  /** The arithmetic in words. */
  readonly because: string;
  /** What users and the team notice above it. */
  readonly effect: string;
  /** What lifts it. */
  readonly remedy: string;
}

/** Every ceiling of a plan, in the order in which they are met. */
export function ceilingsOf(plan: Plan): readonly Ceiling[] {
  return CEILINGS.flatMap((find) => find(plan) ?? []).toSorted((a, b) => a.at - b.at);
}

/** Null where a deployment has no such ceiling. */
type Find = (plan: Plan) => Ceiling | null;

/** How long an endpoint takes to answer, which only its owner knows. */
const ASSUMED_ANSWER_MS = 100;

/** An hour is folded while it is under way, a larger part by each run, and once in each of the stages after it. */
const readingsOf = (runsAnHour: number) => (runsAnHour + 1) / 2 + STAGES.length;
const HOUR_SECONDS = HOUR_MS / 1000;
const MINUTE_SECONDS = MINUTE_MS / 1000;

const FALL_BEHIND = "Codes go on. Journal and webhooks fall behind, and catch up when there is less.";

const CEILINGS: readonly Find[] = [
  (plan) => ({
    id: "database_size",
    title: "The size of the journal's database",
    at: aDay(platform.D1_BYTES, bytesOf(plan).total),
    because: bytesOf(plan).because,
    effect: "Codes go on. Events wait in their queue; lists and statistics show nothing newer.",
    remedy: "Keep fewer days: JOURNAL_RETENTION_DAYS.",
  }),
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
      remedy: "Fewer webhook endpoints, or fewer types of events for each.",
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
  ({ deliveries }) =>
    deliveries === 0
      ? null
      : {
          id: "deliveries_queue",
          title: "The queue of webhook deliveries",
          at: atPeak(platform.QUEUE_MESSAGES_PER_SECOND, deliveries),
          because: `It takes ${figure(platform.QUEUE_MESSAGES_PER_SECOND)} messages a second; a verification makes ${deliveries}.`,
          effect: FALL_BEHIND,
          remedy: "Fewer webhook endpoints, or fewer types of events for each.",
        },
  ({ deliveries, settings }) =>
    deliveries === 0
      ? null
      : {
          id: "old_deliveries",
          title: "Webhook deliveries deleted after their time",
          at: (DELETED_PER_RUN * settings.runsAnHour) / HOUR_SECONDS / deliveries,
          because: `Each of ${settings.runsAnHour} runs an hour deletes ${figure(DELETED_PER_RUN)} at most, and ${deliveries} come with a verification.`,
          effect: "The database fills faster than it empties.",
          remedy: "Fewer webhook endpoints, or fewer types of events for each.",
        },
  (plan) =>
    plan.deliveries === 0
      ? null
      : {
          id: "posts",
          title: "Posts to webhook endpoints side by side",
          at: atPeak(postsASecond(postsOfOne(plan), ASSUMED_ANSWER_MS), plan.deliveries),
          because: `${platform.QUEUE_CONSUMERS} Workers with ${postsOfOne(plan)} posts at a time, each answered after ${ASSUMED_ANSWER_MS} ms as is assumed.`,
          effect: "Webhooks are late.",
          remedy: "Endpoints that answer sooner.",
        },
  (plan) =>
    plan.endpoints === 0
      ? null
      : {
          id: "hanging_endpoint",
          title: "A webhook endpoint that does not answer",
          at: atPeak(postsASecond(postsOfHanging(plan), TIME_LIMIT_MS), each.EVENTS),
          because: `In the queue of retries ${platform.QUEUE_CONSUMERS} Workers make ${postsOfHanging(plan)} posts at a time to one endpoint, each given up after ${TIME_LIMIT_MS / 1000} s.`,
          effect: "Retries are late, also those to other endpoints. What is sent for the first time is not.",
          remedy: "An endpoint that answers at once and works later.",
        },
  ({ pace, senders }) => ({
    id: "senders_pace",
    title: "The senders' pace",
    at: atPeak(pace, 1),
    because: `${senders} ${senders === 1 ? "sender sends" : "senders send"} ${figure(pace)} messages a second, and a verification is one message.`,
    effect: "A code goes by SMS where its purpose has that channel; else the start is refused.",
    remedy: `More senders in WHATSAPP_SENDERS (${DEFAULT_PACE} a second each), or Meta's upgrade to ${figure(FASTEST_PACE)}.`,
  }),
  fence("API_KEY_FENCE", "Starts of one API key in one location"),
  fence("API_KEY_CHECK_FENCE", "Checks of one API key in one location"),
  () => ({
    id: "health_object",
    title: "The object with the senders' health",
    at: atPeak(platform.OBJECT_CALLS_PER_SECOND, 1),
    because: `It answers ${figure(platform.OBJECT_CALLS_PER_SECOND)} calls a second. At the worst, each message is sent by another isolate and makes one.`,
    effect: "Isolates learn later that a sender has failed.",
    remedy: "None is needed as long as isolates send more than one message in ten seconds.",
  }),
  ({ settings }) => ({
    id: "tally_objects",
    title: "The objects with the day's traffic by country",
    at: atPeak(platform.OBJECT_CALLS_PER_SECOND, 1),
    because: `Each answers ${figure(platform.OBJECT_CALLS_PER_SECOND)} calls a second. At the worst, each message is sent by another isolate and makes one; an isolate makes one in ${(settings.hasCaps ? CAPPED_REFRESH_MS : REFRESH_MS) / 1000} s at most.`,
    effect: "The guard's caps of a day are passed further.",
    remedy: "None is needed as long as isolates send more than one message in that time.",
  }),
  ({ settings }) =>
    settings.loggedShare === 0
      ? null
      : {
          id: "log_lines",
          title: "Log lines of a day",
          at: aDay(platform.LOG_LINES_PER_DAY, each.LOG_LINES * settings.loggedShare),
          because: `Cloudflare keeps ${figure(platform.LOG_LINES_PER_DAY)} lines a day; a verification makes ${figure(each.LOG_LINES * settings.loggedShare)}.`,
          effect: "Cloudflare keeps one line in a hundred.",
          remedy: "A smaller share of requests with a line: [vars.LOGS].",
        },
];

function fence(name: Fence, title: string): Find {
  return ({ settings }) => {
    const allowed = settings.fences[name];
    return allowed === null
      ? null
      : {
          id: name.toLowerCase(),
          title,
          at: atPeak(allowed, 1),
          because: `${name} allows ${figure(allowed)} a second.`,
          effect: "Calls with that key are answered with 429 rate_limited.",
          remedy: `A higher limit of ${name} and in [vars.GUARD.fence], or several keys.`,
        };
  };
}

function postsOfOne({ settings }: Plan): number {
  return Math.min(platform.CONNECTIONS, settings.consumers.get("sandi-deliveries")?.messages ?? 1);
}

function postsOfHanging({ settings }: Plan): number {
  return Math.min(PLACES_UNPROVEN, settings.consumers.get("sandi-deliveries-slow")?.messages ?? 1);
}

function postsASecond(posts: number, answerMs: number): number {
  return (platform.QUEUE_CONSUMERS * posts * 1000) / answerMs;
}
