import { CRITICAL_PERCENT, LIMIT_BYTES } from "../journal/capacity.ts";
import { HOUR_MS } from "../platform/time.ts";
import { BATCH_EVENTS } from "../webhook-endpoints/batch-settings.ts";
import { attemptsWithin, DELIVERED_DAYS } from "../webhook-endpoints/delivery.ts";
import { MAX_POSTS } from "../webhook-endpoints/lane-pace.ts";
import { PLACES, PLACES_UNPROVEN } from "../webhook-endpoints/places.ts";
import { TIME_LIMIT_MS } from "../webhook-endpoints/post.ts";
import { DELETED_PER_RUN } from "../webhook-endpoints/retention.ts";
import { FALL_BEHIND, type Find } from "./ceiling.ts";
import { figure, size } from "./figure.ts";
import * as each from "./per-verification.ts";
import { aDay, atPeak, type Plan, storedOf } from "./plan.ts";
import * as platform from "./platform.ts";

/** How long an endpoint takes to answer, which only its owner knows. */
const ASSUMED_ANSWER_MS = 100;

const HOUR_SECONDS = HOUR_MS / 1000;

/** Webhook endpoints: those that get each event by itself, and those that take batches. */
export const WEBHOOK_CEILINGS: readonly Find[] = [
  ({ deliveries }) =>
    deliveries === 0
      ? null
      : {
          id: "deliveries_queue",
          title: "The queue of webhook deliveries",
          at: atPeak(platform.QUEUE_MESSAGES_PER_SECOND, deliveries),
          because: `It takes ${figure(platform.QUEUE_MESSAGES_PER_SECOND)} messages a second; a verification makes ${deliveries}.`,
          effect: FALL_BEHIND,
          remedy: "Fewer types of events for each endpoint, or batches.",
        },
  (plan) => {
    const { rows, deliveries, deliveryDays } = storedOf(plan);
    if (deliveries === 0) return null;
    return {
      id: "early_deletion",
      title: `Delivered webhook events kept for ${deliveryDays} days`,
      at: aDay((LIMIT_BYTES * CRITICAL_PERCENT) / 100, rows + deliveries),
      because: `The journal's database gives them up to ${CRITICAL_PERCENT} % of its ${size(LIMIT_BYTES)}; ${plan.deliveries} deliveries take ${size(each.DELIVERY_BYTES)} each.`,
      effect: "They are deleted before their time, the oldest first. Failed and pending ones stay.",
      remedy: "Fewer types of events for each endpoint, or batches.",
    };
  },
  ({ deliveries, settings }) =>
    deliveries === 0
      ? null
      : {
          id: "old_deliveries",
          title: "Webhook deliveries deleted after their time",
          at: (DELETED_PER_RUN * settings.runsAnHour) / HOUR_SECONDS / deliveries,
          because: `Each of ${settings.runsAnHour} runs an hour deletes ${figure(DELETED_PER_RUN)} at most, and ${deliveries} come with a verification.`,
          effect: "They are deleted later, and the database is fuller.",
          remedy: "Fewer types of events for each endpoint, or batches.",
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
    plan.deliveries === 0
      ? null
      : {
          id: "hanging_endpoint",
          title: "A webhook endpoint that does not answer",
          at: atPeak(
            postsASecond(postsOfHanging(plan), TIME_LIMIT_MS),
            each.EVENTS * attemptsWithin(HOUR_SECONDS),
          ),
          because: `In the queue of retries ${platform.QUEUE_CONSUMERS} Workers make ${postsOfHanging(plan)} posts at a time to one endpoint, each given up after ${TIME_LIMIT_MS / 1000} s. An event is tried ${attemptsWithin(HOUR_SECONDS)} times in an hour.`,
          effect:
            "While one does not answer for an hour, retries are late, also those to other endpoints. What is sent for the first time is not.",
          remedy: "An endpoint that answers at once and works later.",
        },
  ({ hasBatches }) =>
    hasBatches
      ? {
          id: "batches",
          title: "Batches to a webhook endpoint side by side",
          at: atPeak((MAX_POSTS * BATCH_EVENTS.default * 1000) / ASSUMED_ANSWER_MS, each.EVENTS),
          because: `Its object has ${MAX_POSTS} batches of ${BATCH_EVENTS.default} events on their way, each answered after ${ASSUMED_ANSWER_MS} ms as is assumed.`,
          effect: "Webhooks of that endpoint are late.",
          remedy: `Larger batches (max_events, up to ${figure(BATCH_EVENTS.max)}), or an endpoint that answers sooner.`,
        }
      : null,
  ({ hasBatches }) =>
    hasBatches
      ? {
          id: "batches_size",
          title: "The size of the object of an endpoint that takes batches",
          at: aDay(platform.OBJECT_BYTES, each.EVENTS * each.BATCHED_EVENT_BYTES * DELIVERED_DAYS),
          because: `It holds ${size(platform.OBJECT_BYTES)}, and keeps ${each.EVENTS} events of ${size(each.BATCHED_EVENT_BYTES)} for ${DELIVERED_DAYS} days.`,
          effect: "Events for that endpoint wait in the queue of events.",
          remedy: "Fewer types of events for the endpoint.",
        }
      : null,
];

function postsOfOne({ settings }: Plan): number {
  return Math.min(PLACES, settings.consumers.get("sandi-deliveries")?.messages ?? 1);
}

function postsOfHanging({ settings }: Plan): number {
  return Math.min(PLACES_UNPROVEN, settings.consumers.get("sandi-deliveries-slow")?.messages ?? 1);
}

function postsASecond(posts: number, answerMs: number): number {
  return (platform.QUEUE_CONSUMERS * posts * 1000) / answerMs;
}
