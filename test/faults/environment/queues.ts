import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { readBody, respondJson } from "../../world/network.ts";
import { CONSUMERS } from "../../world/project.ts";
import type { Random } from "../../world/random.ts";
import { drawCallFault, type Faults } from "./fault-rates.ts";

/** A message as a consumer receives it. */
export interface QueueMessage {
  readonly id: string;
  readonly timestamp: number;
  readonly body: unknown;
  readonly attempts: number;
}

/** The consumer's result for a batch, as workerd reports it. */
export interface BatchResult {
  readonly outcome: string;
  readonly retryBatch: { readonly retry: boolean; readonly delaySeconds?: number };
  readonly retryMessages: readonly { readonly msgId: string; readonly delaySeconds?: number }[];
  readonly explicitAcks: readonly string[];
}

export interface QueueHooks {
  /** Delivers a batch to the Worker; null when the Worker was down. */
  deliver(queue: string, batch: readonly QueueMessage[]): Promise<BatchResult | null>;
  /** Called with each message that the Worker sends. */
  onMessage(queue: string, text: string): void;
  /** Called with the messages of each call that the queue refuses. */
  onRefused(queue: string, texts: readonly string[]): void;
}

/** A message that the Worker sends. */
interface Incoming {
  /** JSON. */
  readonly text: string;
  readonly delaySeconds: number;
}

interface RawBatch {
  readonly messages: readonly { readonly body: string; readonly delaySecs?: number }[];
}

interface Waiting {
  readonly id: string;
  readonly body: unknown;
  readonly sentAt: number;
  attempts: number;
  /** Milliseconds since the epoch. */
  visibleAt: number;
  /** Part of a batch that the consumer has not finished. */
  isInFlight: boolean;
}

/** Cloudflare's limits for one call ("Queues limits"). */
const LIMITS = { messages: 100, bytes: 256_000, bytesEach: 128_000 };
const CONCURRENT_BATCHES = 6;
const POLL_MS = 15;
/** A batch is drawn from this many times its size, so that messages are delivered out of order. */
const REORDER_FACTOR = 4;
/** A batch that is not full is delivered without waiting for more. */
const BATCH_SIZES = new Map(CONSUMERS.map(({ name, batchSize }) => [name, batchSize]));
/** Shorter than wrangler.toml's 5 and 30 seconds, to save time; no result depends on it. */
const RETRY_MS = 500;
const METRICS = { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 };

/**
 * Cloudflare Queues: at least once, in no order, and they outlive the Worker. Messages that the consumer does not
 * acknowledge are delivered again, and so are some of those that it does.
 */
export class QueueService {
  readonly #queues = new Map<string, Map<string, Waiting>>();
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #hooks: QueueHooks;
  readonly #closing = new AbortController();
  #count = 0;

  constructor(faults: Faults, random: Random, hooks: QueueHooks) {
    [this.#faults, this.#random, this.#hooks] = [faults, random, hooks];
  }

  async serve(request: IncomingMessage, response: ServerResponse, queue: string): Promise<void> {
    const body = await readBody(request);
    if (body === null) return;
    const { kind, delayMs } = drawCallFault(this.#faults.rates.queue, this.#random);
    if (delayMs > 0) await pause(delayMs);
    const messages = readCall(request, body);
    if (kind === "refuse") {
      this.#hooks.onRefused(queue, messages?.map(({ text }) => text) ?? []);
      return respondJson(response, 500, "The queue is down");
    }
    if (messages === null) return respondJson(response, 413, "The batch is too large");
    for (const message of messages) this.#put(queue, message);
    if (kind === "drop") request.socket.destroy();
    else respondJson(response, 200, { metadata: { metrics: METRICS } });
  }

  /** How many messages are waiting, including delayed ones. */
  get backlog(): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** How many messages are with the consumer, or due to be. */
  get active(): number {
    const now = Date.now();
    const active = ({ isInFlight, visibleAt }: Waiting) => isInFlight || visibleAt <= now;
    return [...this.#queues.values()].flatMap((messages) => [...messages.values()].filter(active)).length;
  }

  /** Moves what a queue could not deliver to another, as Cloudflare does after the last retry. */
  bury(queue: string, deadLetterQueue: string): number {
    const messages = this.#queues.get(queue) ?? new Map<string, Waiting>();
    const buried = [...messages.values()].filter(({ attempts, isInFlight }) => attempts > 0 && !isInFlight);
    for (const { id, body } of buried) {
      messages.delete(id);
      this.#put(deadLetterQueue, { text: JSON.stringify(body), delaySeconds: 0 });
    }
    return buried.length;
  }

  /** Ends the delay of every message. */
  skipDelays(): void {
    const now = Date.now();
    for (const messages of this.#queues.values()) {
      for (const message of messages.values()) message.visibleAt = Math.min(message.visibleAt, now);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  #put(queue: string, { text, delaySeconds }: Incoming): void {
    this.#hooks.onMessage(queue, text);
    const { delayMs } = this.#faults.rates.messages;
    const visibleAt = Date.now() + delaySeconds * 1000 + this.#random.between(0, delayMs);
    this.#count += 1;
    const message: Waiting = {
      id: String(this.#count),
      body: JSON.parse(text),
      sentAt: Date.now(),
      attempts: 0,
      visibleAt,
      isInFlight: false,
    };
    const known = this.#queues.get(queue);
    if (known !== undefined) return void known.set(message.id, message);
    const messages = new Map([[message.id, message]]);
    this.#queues.set(queue, messages);
    for (let at = 0; at < CONCURRENT_BATCHES; at += 1) void this.#consume(queue, messages);
  }

  async #consume(queue: string, messages: Map<string, Waiting>): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const size = BATCH_SIZES.get(queue) ?? 1;
      const batch = this.#random.shuffled(due(messages, REORDER_FACTOR * size)).slice(0, size);
      if (batch.length === 0) await pause(POLL_MS);
      else await this.#deliver(queue, messages, batch);
    }
  }

  async #deliver(queue: string, messages: Map<string, Waiting>, batch: readonly Waiting[]): Promise<void> {
    for (const message of batch) {
      message.isInFlight = true;
      message.attempts += 1;
    }
    const result = await this.#hooks.deliver(
      queue,
      batch.map(({ id, sentAt: timestamp, body, attempts }) => ({ id, timestamp, body, attempts })),
    );
    for (const message of batch) {
      message.isInFlight = false;
      const delayMs = retryAfterMs(message.id, result);
      const { repeat, delayMs: longest } = this.#faults.rates.messages;
      if (delayMs !== null) message.visibleAt = Date.now() + delayMs;
      else if (this.#random.chance(repeat)) message.visibleAt = Date.now() + this.#random.between(0, longest);
      else messages.delete(message.id);
    }
  }
}

/** The oldest messages that may be delivered now. */
function due(messages: ReadonlyMap<string, Waiting>, most: number): readonly Waiting[] {
  const now = Date.now();
  const found: Waiting[] = [];
  for (const message of messages.values()) {
    if (!message.isInFlight && message.visibleAt <= now) found.push(message);
    if (found.length === most) break;
  }
  return found;
}

/** @returns null when the message was acknowledged */
function retryAfterMs(id: string, result: BatchResult | null): number | null {
  if (result === null) return RETRY_MS;
  if (result.explicitAcks.includes(id)) return null;
  const retried = result.retryMessages.find(({ msgId }) => msgId === id);
  if (retried !== undefined) return (retried.delaySeconds ?? RETRY_MS / 1000) * 1000;
  if (result.outcome !== "ok" || result.retryBatch.retry) {
    return (result.retryBatch.delaySeconds ?? RETRY_MS / 1000) * 1000;
  }
  return null;
}

/** Reads a call of workerd's binding: a single message as its body, or several in base64. Null when it exceeds the limits. */
function readCall({ url, headers }: IncomingMessage, body: string): readonly Incoming[] | null {
  const messages = url?.endsWith("/batch")
    ? (JSON.parse(body) as RawBatch).messages.map(({ body: encoded, delaySecs = 0 }) => ({
        text: Buffer.from(encoded, "base64").toString(),
        delaySeconds: delaySecs,
      }))
    : [{ text: body, delaySeconds: Number(headers["x-msg-delay-secs"] ?? 0) }];
  const sizes = messages.map(({ text }) => Buffer.byteLength(text));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const isTooLarge =
    messages.length > LIMITS.messages || bytes > LIMITS.bytes || Math.max(...sizes) > LIMITS.bytesEach;
  return isTooLarge ? null : messages;
}
