import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../random.ts";
import { SETTINGS } from "./bundle.ts";
import { answer, bodyOf } from "./listen.ts";
import { type Incoming, readCall } from "./queue-calls.ts";
import { fateOf, type Sky } from "./weather.ts";

/** A message as a consumer gets it. */
export interface Delivered {
  readonly id: string;
  readonly timestamp: number;
  readonly body: unknown;
  readonly attempts: number;
}

/** What workerd says a consumer has made of a batch. */
export interface Verdict {
  readonly outcome: string;
  readonly retryBatch: { readonly retry: boolean; readonly delaySeconds?: number };
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[];
  readonly explicitAcks: readonly string[];
}

export interface Hooks {
  /** Hands a batch to the Worker; null when nobody was there to take it. */
  handOver(queue: string, batch: readonly Delivered[]): Promise<Verdict | null>;
  /** Sees each message on its way in. */
  watch(queue: string, text: string): void;
}

interface Waiting {
  readonly id: string;
  readonly body: unknown;
  readonly sentAt: number;
  attempts: number;
  /** Milliseconds since the epoch. */
  visibleAt: number;
  /** In a batch that is under way. */
  isOut: boolean;
}

const BATCHES_AT_ONCE = 6;
const LOOK_EVERY_MS = 15;
/** A batch is drawn from so many times its size. */
const OUT_OF_ORDER = 4;
/** As wrangler.toml has them; a batch that is not full does not wait. */
const BATCH_SIZES = new Map(
  SETTINGS.queues.consumers?.map(({ queue, max_batch_size }) => [queue, max_batch_size]),
);
/** wrangler.toml says 5 and 30 seconds; nothing here depends on how long it is. */
const RETRY_MS = 500;
const METRICS = { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 };

/**
 * The platform's queues: at least once, in no order, and they outlive the Worker. What a consumer does not
 * acknowledge comes again, some of what it does acknowledge too.
 */
export class Queues {
  readonly #queues = new Map<string, Map<string, Waiting>>();
  readonly #sky: Sky;
  readonly #random: Random;
  readonly #hooks: Hooks;
  readonly #closing = new AbortController();
  #count = 0;

  constructor(sky: Sky, random: Random, hooks: Hooks) {
    [this.#sky, this.#random, this.#hooks] = [sky, random, hooks];
  }

  async serve(request: IncomingMessage, response: ServerResponse, queue: string): Promise<void> {
    const body = await bodyOf(request);
    if (body === null) return;
    const { kind, delayMs } = fateOf(this.#sky.weather.queue, this.#random);
    if (delayMs > 0) await pause(delayMs);
    if (kind === "refuse") return answer(response, 500, "The queue is down");
    const messages = readCall(request, body);
    if (messages === null) return answer(response, 413, "Too much at once");
    for (const message of messages) this.#put(queue, message);
    if (kind === "forget") request.socket.destroy();
    else answer(response, 200, { metadata: { metrics: METRICS } });
  }

  /** How many messages wait, those of later included. */
  get backlog(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** What is held back for later is due now. */
  hurry(): void {
    const now = Date.now();
    for (const messages of this.#queues.values()) {
      for (const message of messages.values()) message.visibleAt = Math.min(message.visibleAt, now);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  #put(queue: string, { text, delaySeconds }: Incoming): void {
    this.#hooks.watch(queue, text);
    const { delayMs } = this.#sky.weather.messages;
    const visibleAt = Date.now() + delaySeconds * 1000 + this.#random.between(0, delayMs);
    this.#count += 1;
    const message: Waiting = {
      id: String(this.#count),
      body: JSON.parse(text),
      sentAt: Date.now(),
      attempts: 0,
      visibleAt,
      isOut: false,
    };
    const known = this.#queues.get(queue);
    if (known !== undefined) return void known.set(message.id, message);
    const messages = new Map([[message.id, message]]);
    this.#queues.set(queue, messages);
    for (let at = 0; at < BATCHES_AT_ONCE; at += 1) void this.#consume(queue, messages);
  }

  async #consume(queue: string, messages: Map<string, Waiting>): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const size = BATCH_SIZES.get(queue) ?? 1;
      const batch = this.#random.shuffled(due(messages, OUT_OF_ORDER * size)).slice(0, size);
      if (batch.length === 0) await pause(LOOK_EVERY_MS);
      else await this.#deliver(queue, messages, batch);
    }
  }

  async #deliver(queue: string, messages: Map<string, Waiting>, batch: readonly Waiting[]): Promise<void> {
    for (const message of batch) {
      message.isOut = true;
      message.attempts += 1;
    }
    const verdict = await this.#hooks.handOver(
      queue,
      batch.map(({ id, sentAt: timestamp, body, attempts }) => ({ id, timestamp, body, attempts })),
    );
    for (const message of batch) {
      message.isOut = false;
      const delayMs = retryAfterMs(message.id, verdict);
      const { repeat, delayMs: longest } = this.#sky.weather.messages;
      if (delayMs !== null) message.visibleAt = Date.now() + delayMs;
      else if (this.#random.chance(repeat)) message.visibleAt = Date.now() + this.#random.between(0, longest);
      else messages.delete(message.id);
    }
  }
}

/** The oldest of those whose time has come. */
function due(messages: ReadonlyMap<string, Waiting>, most: number): readonly Waiting[] {
  const now = Date.now();
  const found: Waiting[] = [];
  for (const message of messages.values()) {
    if (!message.isOut && message.visibleAt <= now) found.push(message);
    if (found.length === most) break;
  }
  return found;
}

/** Null where the message was acknowledged. */
function retryAfterMs(id: string, verdict: Verdict | null): number | null {
  if (verdict === null) return RETRY_MS;
  if (verdict.explicitAcks.includes(id)) return null;
  const retried = verdict.retryMessages.find(({ msgId }) => msgId === id);
  if (retried !== undefined) return (retried.delaySeconds ?? RETRY_MS / 1000) * 1000;
  if (verdict.outcome !== "ok" || verdict.retryBatch.retry) {
    return (verdict.retryBatch.delaySeconds ?? RETRY_MS / 1000) * 1000;
  }
  return null;
}
