import { BATCH_EVENTS, BATCH_WAIT_MS } from "../../../src/webhook-endpoints/batch-settings.ts";
import type { Setup } from "./protocol.ts";

/** A kind of verification, and the settings of the deployment it runs on. */
export interface Path {
  readonly name: "plain" | "fallback" | "guard" | "webhook_endpoints" | "webhook_batches";
  readonly title: string;
  readonly setup: Pick<Setup, "story" | "namesUser" | "endpoints" | "batch" | "everyMs">;
  /** Differences from wrangler.toml. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** The time from one start to the next, in one isolate: twenty a minute. */
const SLOW_MS = 3_000;

/** Fifty a second: batches become full. At a low rate, an event has a batch nearly of its own. */
const FAST_MS = 20;

const PLAIN = { story: "whatsapp", namesUser: false, endpoints: 0, batch: null, everyMs: SLOW_MS } as const;

const SMS = {
  SMS: { gateway: "http", brand: "Example", url: "https://sms.example.com/sms" },
  SMS_SECRET: `whsec_${Buffer.from("benchmark-sms-secret-0123456789ab").toString("base64")}`,
};

export const PATHS: readonly Path[] = [
  { name: "plain", title: "as shipped", setup: PLAIN, values: {} },
  {
    name: "fallback",
    title: "WhatsApp fails, an SMS is sent",
    setup: { ...PLAIN, story: "sms" },
    values: { ...SMS, PURPOSES: { login: { channels: ["whatsapp", "sms"] } } },
  },
  {
    name: "guard",
    title: "budget enforced, address and account named",
    setup: { ...PLAIN, namesUser: true },
    values: {
      GUARD: {
        budget: { mode: "enforce" },
        named_limits: { windows: { account: "10 per h, 20 per day" } },
      },
    },
  },
  {
    name: "webhook_endpoints",
    title: "two endpoints subscribed to every event",
    setup: { ...PLAIN, endpoints: 2 },
    values: {},
  },
  {
    name: "webhook_batches",
    title: "the same in batches, at fifty verifications a second",
    setup: {
      ...PLAIN,
      endpoints: 2,
      batch: { max_events: BATCH_EVENTS.default, max_wait_ms: BATCH_WAIT_MS.default },
      everyMs: FAST_MS,
    },
    values: {},
  },
];
