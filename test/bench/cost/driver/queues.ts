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

/** What a queue charges as one operation. */
const OPERATION_BYTES = 64 * 1024;

const queues = new Map<string, Queue>();
let deliver: (batch: Batch) => Promise<void> = async () => {};
let sent = 0;

/** @param consume Is given each batch, as the platform would hand it over. */
export function openQueues(
  settings: readonly QueueSettings[],
  consume: (batch: Batch) => Promise<void>,
): void {
  deliver = consume;
  for (const queue of settings) queues.set(queue.binding, { ...queue, waiting: [] });
}

/** A queue to send to. Its batches fill and go as wrangler.toml says, by the timeline's clock. */
export function producer(binding: string) {
  const send = (body: unknown, delaySeconds = 0) => {
    const queue = queues.get(binding);
    if (queue === undefined) throw new Error(`The queue ${binding} is not open`);
    sent += 1;
    operation(queue, body, "write");
    const message = { id: String(sent), body: structuredClone(body), attempts: 1 };
    enqueue(queue, { ...message, visibleAt: Date.now() + delaySeconds * 1000 });
  };
  return {
    async send(body: unknown, options?: QueueSendOptions) {
      send(body, options?.delaySeconds);
    },
    async sendBatch(messages: Iterable<MessageSendRequest>) {
      for (const { body, delaySeconds } of messages) send(body, delaySeconds);
    },
  };
}

function enqueue(queue: Queue, message: Waiting): void {
  queue.waiting.push(message);
  at(message.visibleAt + queue.batchTimeoutMs, () => flush(queue));
}

async function flush(queue: Queue): Promise<void> {
  const now = Date.now();
  const visible = queue.waiting.filter(({ visibleAt }) => visibleAt <= now);
  const taken = new Set(visible.slice(0, queue.batchSize));
  if (taken.size === 0) return;
  queue.waiting = queue.waiting.filter((message) => !taken.has(message));
  for (const { body } of taken) operation(queue, body, "read");
  const again = new Map<string, number>();
  const retry = (id: string, options?: QueueRetryOptions) => again.set(id, options?.delaySeconds ?? 0);
  await deliver({
    queue: queue.name,
    messages: [...taken].map(({ id, body, attempts }) => ({
      id,
      body,
      attempts,
      timestamp: new Date(now),
      ack: () => {},
      retry: (options?: QueueRetryOptions) => void retry(id, options),
    })),
    ackAll: () => {},
    retryAll: (options?: QueueRetryOptions) => {
      for (const { id } of taken) retry(id, options);
    },
  } as unknown as Batch);
  for (const message of taken) {
    const delaySeconds = again.get(message.id);
    if (delaySeconds === undefined) operation(queue, message.body, "delete");
    else enqueue(queue, { ...message, visibleAt: now + delaySeconds * 1000, attempts: message.attempts + 1 });
  }
}

function operation({ name }: Queue, body: unknown, what: string): void {
  const bytes = JSON.stringify(body).length;
  count("queue_operations", `${name} ${what}`, Math.ceil(bytes / OPERATION_BYTES));
}
