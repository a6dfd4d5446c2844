import * as z from "zod";
import { type Sender, senderSchema } from "../channels/whatsapp/senders.ts";
import { variables } from "../config.ts";
import { guardSettings } from "../guard/settings.ts";

/** What wrangler.toml says about how much a deployment takes. */
export interface DeploymentSettings {
  readonly senders: readonly Sender[];
  readonly retentionDays: number;
  /** The share of requests that get a log line. */
  readonly loggedShare: number;
  /** Whether a cap of a day is set: isolates then exchange their counts more often. */
  readonly hasCaps: boolean;
  /** Calls that a rate limit allows in a second; null where there is none. */
  readonly fences: Readonly<Record<Fence, number | null>>;
  /** The starts and checks a minute of API keys that have figures of their own, by their ids. */
  readonly ofKeys: ReadonlyMap<
    string,
    { readonly starts?: number | undefined; readonly checks?: number | undefined }
  >;
  /** The runs of the frequent schedule in an hour; that of one day is not among them. */
  readonly runsAnHour: number;
  /** By the queue's name: how many messages a Worker gets at once, and after how many seconds it gets fewer. */
  readonly consumers: ReadonlyMap<string, { readonly messages: number; readonly seconds: number }>;
}

export type Fence = "API_KEY_FENCE" | "API_KEY_CHECK_FENCE" | "CLIENT_FENCE" | "CLIENT_CHECK_FENCE";

/** The parts of wrangler.toml that are read here, as wrangler reads them. */
export interface WranglerSettings {
  readonly vars: Readonly<Record<string, unknown>>;
  readonly ratelimits?: readonly RateLimit[] | undefined;
  readonly triggers: { readonly crons?: readonly string[] | undefined };
  readonly queues: { readonly consumers?: readonly Consumer[] | undefined };
}

interface RateLimit {
  readonly name: string;
  readonly simple: { readonly limit: number; readonly period: number };
}

interface Consumer {
  readonly queue: string;
  readonly max_batch_size?: number | undefined;
  readonly max_batch_timeout?: number | undefined;
}

/** wrangler.toml has no secrets, and the guard's veto needs one. */
const PLACEHOLDER = `whsec_${"A".repeat(32)}`;

/** Stands for the sender whose id `npm run setup` has not written yet. */
const FIRST_SENDER = { phone_number_id: "100000000000001" };

const settings = variables
  .pick({ WHATSAPP_SENDERS: true, LOGS: true, JOURNAL_RETENTION_DAYS: true })
  .and(guardSettings);

/** A sentence in place of the settings where a value is invalid. */
export function settingsOf(wrangler: WranglerSettings): DeploymentSettings | string {
  const parsed = settings.safeParse(Object.assign({ GUARD_VETO_SECRET: PLACEHOLDER }, wrangler.vars));
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { WHATSAPP_SENDERS: senders, LOGS, JOURNAL_RETENTION_DAYS: retentionDays, guard } = parsed.data;
  const isFenced = guard.fence.mode === "enforce";
  const perSecond = (name: Fence) => {
    const simple = wrangler.ratelimits?.find((fence) => fence.name === name)?.simple;
    return simple === undefined || !isFenced ? null : simple.limit / simple.period;
  };
  return {
    senders: senders ?? [senderSchema.parse(FIRST_SENDER)],
    retentionDays,
    loggedShare: LOGS.requests,
    hasCaps: guard.caps.mode !== "off" && guard.caps.caps.length > 0,
    fences: {
      API_KEY_FENCE: perSecond("API_KEY_FENCE"),
      API_KEY_CHECK_FENCE: perSecond("API_KEY_CHECK_FENCE"),
      CLIENT_FENCE: perSecond("CLIENT_FENCE"),
      CLIENT_CHECK_FENCE: perSecond("CLIENT_CHECK_FENCE"),
    },
    ofKeys: isFenced ? guard.fence.ofKeys : new Map(),
    runsAnHour: Math.max(0, ...(wrangler.triggers.crons ?? []).map(runsAnHour)),
    consumers: new Map((wrangler.queues.consumers ?? []).map(toConsumer)),
  };
}

/** Cloudflare's defaults: "Batching, Retries and Delays". */
function toConsumer({ queue, max_batch_size = 10, max_batch_timeout = 5 }: Consumer) {
  return [queue, { messages: max_batch_size, seconds: max_batch_timeout }] as const;
}

/** Of a schedule such as "*\/10 * * * *"; 0 for one that runs less often. */
function runsAnHour(cron: string): number {
  const [, minutes] = /^\*\/(\d+) \* \* \* \*$/.exec(cron) ?? [];
  return minutes === undefined ? 0 : 60 / Number(minutes);
}
