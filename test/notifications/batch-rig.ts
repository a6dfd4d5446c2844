import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import type { BatchId } from "../../src/ids/batch-id.ts";
import { consumeNotifications } from "../../src/notifications/batches/consumer.ts";
import type { SendSlots } from "../../src/notifications/batches/send-slots.ts";
import type { JobOutcome, NotificationJob } from "../../src/notifications/notification.ts";
import { api, newNumber } from "../deployment.ts";

/** Ten o'clock on a future day. Alarms use the platform's own clock, and one set in its past runs at once. */
export const START = (Math.floor(Date.now() / 86_400_000) + 2) * 86_400_000 + 10 * 3_600_000;
export const SECOND = 1000;
export const DAY = 86_400_000;

const TEMPLATE = {
  name: "shipping_update",
  category: "utility",
  languages: {
    en_US: { status: "APPROVED", body: "Hi {{name}}, order {{order}} has shipped." },
    id: { status: "APPROVED", body: "Halo {{name}}, pesanan {{order}} sudah dikirim." },
  },
};

const ONLY_ID = { ...TEMPLATE, name: "only_id", languages: { id: TEMPLATE.languages.id } };

const { batches } = deploy(env);

/** Grants every slot immediately: the test clock does not advance, so real slots would accumulate. */
const IMMEDIATE_SLOTS: Pick<SendSlots, "reserve"> = {
  reserve: async (jobs) => jobs.map(() => ({ kind: "slot", waitMs: 0 })),
};

/** The queue, its consumer and a clock around the batch objects. */
export class BatchRig {
  /** The queued jobs, oldest first. */
  readonly queue: NotificationJob[] = [];
  /** Number of messages of each queue call. */
  readonly callSizes: number[] = [];
  readonly retries: number[] = [];
  readonly sent: NotificationJob[] = [];
  queueIsDown = false;
  outcomeOf: (job: NotificationJob) => JobOutcome = () => ({ kind: "sent" });
  /** `onSend` is called before each send, `onEnqueued` after each queue call. */
  onSend: () => Promise<unknown> = async () => {};
  onEnqueued: () => Promise<unknown> = async () => {};

  /** Delivers the oldest messages as the queue does; retried ones go to the end. */
  async deliver(
    most = 20,
    dependencies: Partial<Parameters<typeof consumeNotifications>[1]> = {},
  ): Promise<void> {
    const unsettled = new Set(this.queue.splice(0, most));
    const messages = [...unsettled].map((body) => ({
      body,
      attempts: 1,
      ack: () => void unsettled.delete(body),
      retry: ({ delaySeconds = 0 }: QueueRetryOptions) => {
        unsettled.delete(body);
        this.retries.push(delaySeconds);
        this.queue.push(body);
      },
    }));
    await consumeNotifications({ messages } as unknown as MessageBatch<NotificationJob>, {
      batches,
      sendSlots: IMMEDIATE_SLOTS,
      notifications: this,
      ...dependencies,
    });
    if (unsettled.size > 0) throw new Error("A message was neither acknowledged nor retried");
  }

  /** Delivers messages until the queue is empty. */
  async deliverAll(dependencies?: Parameters<BatchRig["deliver"]>[1]): Promise<void> {
    while (this.queue.length > 0) await this.deliver(20, dependencies);
  }

  async sendJob(job: NotificationJob): Promise<JobOutcome> {
    await this.onSend();
    const outcome = this.outcomeOf(job);
    if (outcome.kind === "sent") this.sent.push(job);
    return outcome;
  }

  enqueue(bodies: readonly NotificationJob[]): void {
    if (this.queueIsDown) throw new Error("The queue is down");
    this.callSizes.push(bodies.length);
    this.queue.push(...bodies);
  }

  /** The ordinals of the recipients that were sent a message. */
  get ordinalsSent(): number[] {
    return this.sent.map(({ batch }) => batch?.ordinal ?? -1);
  }
}

/** Provides a new rig before each test at {@link START}; call it after `useDeployment`. */
export function useBatchRig(): () => BatchRig {
  let rig: BatchRig;
  beforeEach(async () => {
    rig = new BatchRig();
    vi.useFakeTimers({ now: START, toFake: ["Date"] });
    for (const template of [TEMPLATE, ONLY_ID]) {
      await env.TEMPLATES.put(`template/${template.name}`, JSON.stringify(template));
    }
    const queue = await runInDurableObject(
      env.NOTIFICATION_BATCHES.getByName("rig"),
      (object) => (object as unknown as { env: Env }).env.NOTIFICATIONS,
    );
    vi.spyOn(queue, "sendBatch").mockImplementation(async (messages) => {
      rig.enqueue([...messages].map(({ body }) => body as NotificationJob));
      await rig.onEnqueued();
      return {} as QueueSendBatchResponse;
    });
  });
  return () => rig;
}

export function recipients(count: number) {
  return Array.from({ length: count }, (_, place) => ({
    to: newNumber(),
    parameters: { name: "Ana", order: `A-${place}` },
  }));
}

export const createBatch = (list: readonly object[], more: object = {}, headers?: Record<string, string>) =>
  api(
    "POST",
    "/v1/notifications/batches",
    { template: "shipping_update", recipients: list, ...more },
    headers,
  );

export const read = async (id: string) => (await api("GET", `/v1/notifications/batches/${id}`)).body;

export const act = async (id: string, verb: "pause" | "resume" | "cancel") =>
  (await api("POST", `/v1/notifications/batches/${id}/${verb}`)).body;

export const objectOf = (id: string) => env.NOTIFICATION_BATCHES.getByName(id as BatchId);

/** The keys in a batch object's storage. */
export const stored = (id: string) =>
  runInDurableObject(objectOf(id), (_, { storage }) => [...storage.kv.list()].map(([key]) => key));
