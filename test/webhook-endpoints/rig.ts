import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, vi } from "vitest";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { Keyring } from "../../src/platform/keyring.ts";
import { consumeDeliveries } from "../../src/webhook-endpoints/consumer.ts";
import type { DeliveryJob, DeliveryQueues } from "../../src/webhook-endpoints/delivery.ts";
import type { NewEndpoint } from "../../src/webhook-endpoints/endpoints.ts";
import { Lanes } from "../../src/webhook-endpoints/lanes.ts";
import { type Webhooks, webhooks } from "../../src/webhook-endpoints/webhooks.ts";

export const START = Date.UTC(2026, 10, 23, 10);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Received {
  readonly host: string;
  readonly id: string;
  readonly at: number;
  readonly signatures: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on any event
  readonly event: any;
}

/** How a receiver answers; with 204 by default. */
export type Answer = (received: Received) => Response | Promise<Response>;

type QueueName = keyof DeliveryQueues;

/** A message that waits on a queue of deliveries. */
export interface Waiting {
  readonly queue: QueueName;
  readonly id: string;
  readonly dueAt: number;
  readonly attempts: number;
}

/** The batch sizes of wrangler.toml. */
const BATCH_SIZES: Readonly<Record<QueueName, number>> = { first: 25, slow: 6 };

/** Receivers, the queues of deliveries and a clock: everything around webhook endpoints except D1. */
export class Rig {
  readonly keyring = new Keyring(env.SECRET_KEY);
  readonly received: Received[] = [];
  readonly requests: Request[] = [];
  readonly logLines: string[] = [];
  /** The secret of each receiver, by host. */
  readonly secrets = new Map<string, string>();
  readonly answers = new Map<string, Answer>();
  readonly messages: Waiting[] = [];
  /** When true, every statement fails. */
  databaseIsDown = false;
  queueIsDown = false;
  readonly webhooks: Webhooks = webhooks({
    db: this.#database(),
    namespace: env.API_KEYS,
    queues: { first: this.#queue("first"), slow: this.#queue("slow") },
    lanes: new Lanes(env.ENDPOINT_LANES),
    keyring: this.keyring,
    allowLoopback: false,
  });

  /** Registers an endpoint and gives its receiver the secret. */
  async register(
    host: string,
    eventTypes: NewEndpoint["eventTypes"] = null,
    app = DEFAULT_APP,
    batch: NewEndpoint["batch"] = null,
  ): Promise<string> {
    const asked = { app, url: `https://${host}/hooks`, description: "", eventTypes, batch };
    const created = await this.webhooks.endpoints.create(asked, null);
    if (created.kind !== "created") throw new Error("There are too many endpoints");
    this.secrets.set(host, created.secret);
    return created.endpoint.id;
  }

  /** Advances the clock and delivers each message when it is due. Returns how many were delivered. */
  async runFor(milliseconds: number): Promise<number> {
    const until = Date.now() + milliseconds;
    let delivered = 0;
    for (;;) {
      const dueAt = Math.min(...this.messages.map((message) => message.dueAt));
      if (dueAt > until) break;
      vi.setSystemTime(Math.max(dueAt, Date.now()));
      const due = this.messages.filter((message) => message.dueAt <= Date.now());
      for (const message of due) this.messages.splice(this.messages.indexOf(message), 1);
      delivered += due.length;
      await Promise.all([...batchesOf(due)].map((batch) => this.#deliverMessages(batch)));
    }
    vi.setSystemTime(until);
    return delivered;
  }

  async #deliverMessages(due: readonly Waiting[]): Promise<void> {
    const [{ queue = "first" } = {}] = due;
    const unsettled = new Set(due);
    const messages = due.map((message) => ({
      id: message.id,
      timestamp: new Date(),
      attempts: message.attempts,
      body: { id: message.id },
      ack: () => void unsettled.delete(message),
      retry: ({ delaySeconds }: QueueRetryOptions = {}) => {
        unsettled.delete(message);
        this.#put(queue, message.id, delaySeconds ?? 1, message.attempts + 1);
      },
    }));
    await consumeDeliveries({ messages } as unknown as MessageBatch<DeliveryJob>, queue, this.webhooks);
    if (unsettled.size > 0) throw new Error("A message was neither acknowledged nor retried");
  }

  #put(queue: QueueName, id: string, delaySeconds: number, attempts = 1): void {
    if (delaySeconds > 12 * 3600) throw new Error("Queues delay by 12 hours at most");
    this.messages.push({ queue, id, dueAt: Date.now() + delaySeconds * SECOND, attempts });
  }

  #queue(name: QueueName): Queue<DeliveryJob> {
    const guard = () => {
      if (this.queueIsDown) throw new Error("The queue is down");
    };
    return {
      sendBatch: async (batch: Iterable<MessageSendRequest<DeliveryJob>>) => {
        guard();
        const messages = [...batch];
        if (messages.length > 100) throw new Error("Queues take 100 messages at most");
        for (const { body, delaySeconds } of messages) this.#put(name, body.id, delaySeconds ?? 0);
      },
    } as unknown as Queue<DeliveryJob>;
  }

  #database(): D1Database {
    return new Proxy(env.JOURNAL, {
      get: (db, name) => {
        if (this.databaseIsDown) throw new Error("D1_ERROR: the database is down");
        const value = Reflect.get(db, name);
        return typeof value === "function" ? value.bind(db) : value;
      },
    });
  }

  /** Stands in for `fetch`: verifies the signature as a receiver would, then answers; 401 for an invalid signature. */
  async receive(request: Request): Promise<Response> {
    this.requests.push(request.clone());
    const { host } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    const body = await request.text();
    try {
      const event = new Webhook(this.secrets.get(host) ?? "").verify(body, headers);
      const id = headers["webhook-id"] ?? "";
      const signatures = (headers["webhook-signature"] ?? "").split(" ").length;
      const received = { host, id, at: Date.now(), signatures, event };
      this.received.push(received);
      return (await this.answers.get(host)?.(received)) ?? new Response(null, { status: 204 });
    } catch (error) {
      if (error instanceof Error && error.name === "WebhookVerificationError") {
        return new Response(error.message, { status: 401 });
      }
      throw error;
    }
  }
}

/** Messages in the batches in which their queues would deliver them. */
function* batchesOf(messages: readonly Waiting[]): Generator<readonly Waiting[]> {
  for (const queue of ["first", "slow"] as const) {
    const ofQueue = messages.filter((message) => message.queue === queue);
    for (let start = 0; start < ofQueue.length; start += BATCH_SIZES[queue]) {
      yield ofQueue.slice(start, start + BATCH_SIZES[queue]);
    }
  }
}

/** Sets up a new rig before each test. */
export function useRig(start = START): () => Rig {
  let rig: Rig;
  beforeEach(() => {
    vi.useFakeTimers({ now: start, toFake: ["Date"] });
    rig = new Rig();
    vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => rig.receive(new Request(input, init)));
    for (const level of ["log", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((...parts) => void rig.logLines.push(parts.join(" ")));
    }
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    await clear();
  });
  return () => rig;
}

async function clear(): Promise<void> {
  await env.API_KEYS.delete("subscribed_types");
  await env.JOURNAL.batch([
    env.JOURNAL.prepare("DELETE FROM webhook_endpoints"),
    env.JOURNAL.prepare("DELETE FROM webhook_deliveries"),
  ]);
}

/** The rows of deliveries, oldest first. */
export async function rows(): Promise<Record<string, unknown>[]> {
  const { results } = await env.JOURNAL.prepare(
    "SELECT * FROM webhook_deliveries ORDER BY created_at, id",
  ).run();
  return results;
}

/** The contents of the tables of webhook endpoints. */
export async function dump(): Promise<string> {
  const { results } = await env.JOURNAL.prepare("SELECT * FROM webhook_endpoints").run();
  return JSON.stringify([results, await rows()]);
}
