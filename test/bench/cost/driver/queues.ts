import type { QueueSettings } from "../protocol.ts";
import { count } from "./counts.ts";
import { at } from "./timeline.ts";

interface Waiting {
  readonly id: string;
  readonly body: unknown;
  readonly visibleAt: number;
  readonly attempts: number;
}

interface Queue extends QueueSettings {
  waiting: Waiting[];
}

export type Batch = MessageBatch<unknown>;

/** Queues bills one operation for each 64 KB. */
const OPERATION_BYTES = 64 * 1024;

const queues = new Map<string, Queue>();
let deliver: (batch: Batch) => Promise<void> = async () => {};
let sent = 0;

/** @param consume Receives each batch, as the queue handler would. */
export function openQueues(
  settings: readonly QueueSettings[],
  consume: (batch: Batch) => Promise<void>,
): void {
  deliver = consume;
  for (const queue of settings) queues.set(queue.binding, { ...queue, waiting: [] });
}

/** A producer binding. Batches are delivered by the settings of wrangler.toml and the timeline's clock. */
export function producer(binding: string) {
  const send = (body: unknown, delaySeconds = 0) => {
    const queue = queues.get(binding);
    if (queue === undefined) throw new Error(`The queue ${binding} is not set up`);
    sent += 1;
    countOperation(queue, body, "write");
    const message = { id: String(sent), body: structuredClone(body), attempts: 1 };
    enqueue(queue, { ...message, visibleAt: Date.now() + delaySeconds * 1000 });
  };
  return {
    async send(body: unknown, options?: QueueSendOptions) {
      send(body, options?.delaySeconds);
    },
    async metrics(): Promise<QueueMetrics> {
      return { backlogCount: 0, backlogBytes: 0 };
    },
    async sendBatch(messages: Iterable<MessageSendRequest>) {
      for (const { body, delaySeconds } of messages) send(body, delaySeconds);
    },
  };
}

function enqueue(queue: Queue, message: Waiting): void {
  queue.waiting.push(message);
  at(message.visibleAt, () => flush(queue));
  at(message.visibleAt + queue.batchTimeoutMs, () => flush(queue));
}

/** Delivers a batch when it is full, or its oldest message has waited long enough. */
async function flush(queue: Queue): Promise<void> {
  const { batchSize, batchTimeoutMs } = queue;
  const now = Date.now();
  const visible = queue.waiting.filter(({ visibleAt }) => visibleAt <= now);
  const isDue =
    visible.length >= batchSize || visible.some(({ visibleAt }) => visibleAt + batchTimeoutMs <= now);
  if (!isDue) return;
  const batch = new Set(visible.slice(0, batchSize));
  queue.waiting = queue.waiting.filter((message) => !batch.has(message));
  for (const { body } of batch) countOperation(queue, body, "read");
  const retries = new Map<string, number>();
  const retry = (id: string, options?: QueueRetryOptions) => retries.set(id, options?.delaySeconds ?? 0);
  await deliver({
    queue: queue.name,
    messages: [...batch].map(({ id, body, attempts }) => ({
      id,
      body,
      attempts,
      timestamp: new Date(now),
      ack: () => {},
      retry: (options?: QueueRetryOptions) => void retry(id, options),
    })),
    ackAll: () => {},
    retryAll: (options?: QueueRetryOptions) => {
      for (const { id } of batch) retry(id, options);
    },
  } as unknown as Batch);
  for (const message of batch) {
    const delaySeconds = retries.get(message.id);
    if (delaySeconds === undefined) countOperation(queue, message.body, "delete");
    else enqueue(queue, { ...message, visibleAt: now + delaySeconds * 1000, attempts: message.attempts + 1 });
  }
}

function countOperation({ name }: Queue, body: unknown, operation: string): void {
  const bytes = JSON.stringify(body).length;
  count("queue_operations", `${name} ${operation}`, Math.ceil(bytes / OPERATION_BYTES));
}
