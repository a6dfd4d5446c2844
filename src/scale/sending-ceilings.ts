import { DEFAULT_PACE, FASTEST_PACE } from "../channels/whatsapp/senders.ts";
import { CAPPED_REFRESH_MS, REFRESH_MS } from "../guard/budget/ledger.ts";
import { MINUTE_MS } from "../platform/time.ts";
import type { Ceiling, Find } from "./ceiling.ts";
import type { Fence } from "./deployment.ts";
import { figure } from "./figure.ts";
import * as each from "./per-verification.ts";
import { aDay, atPeak } from "./plan.ts";
import * as platform from "./platform.ts";

const MINUTE_SECONDS = MINUTE_MS / 1000;

const REFUSED = "Calls with that key are answered with 429 rate_limited.";

const SHARED =
  "A domain of its own: isolates of a data centre then share an answer. And it is met later the more messages an isolate sends.";

/** Starts, checks and messages, and what isolates exchange about them. */
export const SENDING_CEILINGS: readonly Find[] = [
  ({ pace, senders }) => ({
    id: "senders_pace",
    title: "The senders' pace",
    at: atPeak(pace, 1),
    because: `${senders} ${senders === 1 ? "sender sends" : "senders send"} ${figure(pace)} messages a second, and a verification is one message.`,
    effect:
      "A code waits up to two seconds, then goes by SMS where its purpose has that channel; else the start is answered with 503 and Retry-After: 1.",
    remedy: `More senders in WHATSAPP_SENDERS (${DEFAULT_PACE} a second each), or Meta's upgrade to ${figure(FASTEST_PACE)}.`,
  }),
  fence("API_KEY_FENCE", "Starts of one API key in one location"),
  fence("API_KEY_CHECK_FENCE", "Checks of one API key in one location"),
  ({ settings }) =>
    [...settings.ofKeys].flatMap(([key, { starts, checks }]) => [
      ...(starts === undefined ? [] : [ownFence(key, "starts", starts)]),
      ...(checks === undefined ? [] : [ownFence(key, "checks", checks)]),
    ]),
  () => ({
    id: "health_object",
    title: "The object with the senders' health",
    at: atPeak(platform.OBJECT_CALLS_PER_SECOND, 1),
    because: `It answers ${figure(platform.OBJECT_CALLS_PER_SECOND)} calls a second. At the worst, each message is sent by another isolate and makes one.`,
    effect: "Isolates learn later that a sender has failed.",
    remedy: SHARED,
  }),
  ({ settings }) => ({
    id: "tally_objects",
    title: "The objects with the day's traffic by country",
    at: atPeak(platform.OBJECT_CALLS_PER_SECOND, 1),
    because: `Each answers ${figure(platform.OBJECT_CALLS_PER_SECOND)} calls a second. At the worst, each message is sent by another isolate and makes one; an isolate makes one in ${(settings.hasCaps ? CAPPED_REFRESH_MS : REFRESH_MS) / 1000} s at most.`,
    effect: "The guard's caps of a day are passed further.",
    remedy: SHARED,
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
  ({ recipientsPerDay }) =>
    recipientsPerDay === null
      ? null
      : {
          id: "messaging_limit",
          title: "The senders' messaging limit",
          at: aDay(recipientsPerDay, 1),
          because: `WHATSAPP_SENDERS has recipients_per_day, ${figure(recipientsPerDay)} together; each verification is taken to be of another person.`,
          effect: "A code goes by SMS where its purpose has that channel; else the start is refused.",
          remedy: "Meta raises the limit of an account that it has verified and that sends.",
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
          effect: REFUSED,
          remedy: `A higher limit of ${name} and in [vars.GUARD.fence], figures of its own for the key, or several keys.`,
        };
  };
}

function ownFence(key: string, kind: "starts" | "checks", perMinute: number): Ceiling {
  return {
    id: `own_fence/${key}/${kind}`,
    title: `The ${kind} of ${key} in one location`,
    at: atPeak(perMinute / MINUTE_SECONDS, 1),
    because: `[vars.GUARD.fence.api_keys] allows ${figure(perMinute)} a minute.`,
    effect: REFUSED,
    remedy: "A higher figure there.",
  };
}
