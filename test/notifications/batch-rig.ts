import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import type { BatchId } from "../../src/ids/batch-id.ts";
import { consumeNotifications } from "../../src/notifications/batches/consumer.ts";
import type { SendSlots } from "../../src/notifications/batches/send-slots.ts";
import type { JobOutcome, NotificationJob } from "../../src/notifications/notification.ts";
import { api, newNumber } from "../deployment.ts";

/** Ten o'clock of a day to come. Alarms go by the platform's own clock, and one that is set in its past rings at once. */
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

/** Everybody's turn is now: the clock stands still, and turns would pile up ahead of it. */
const AT_ONCE: Pick<SendSlots, "reserve"> = {
  reserve: async (jobs) => jobs.map(() => ({ kind: "slot", waitMs: 0 })),
};

/** The queue, whoever works it off, and a clock: everything around the batches' objects and the senders' paces. */
export class BatchRig {
  /** What the queue holds, oldest first. */
  readonly queue: NotificationJob[] = [];
  /** How many messages each call put on it. */
  readonly portions: number[] = [];
  readonly retries: number[] = [];
  readonly sent: NotificationJob[] = [];
  queueIsDown = false;
  outcomeOf: (job: NotificationJob) => JobOutcome = () => ({ kind: "sent" });
  /** Called before each message is sent, and after the queue has taken over. */
  onSend: () => Promise<unknown> = async () => {};
  onEnqueued: () => Promise<unknown> = async () => {};

  /** Hands the oldest messages over as the queue does; what comes again goes behind the others. */
  async bring(most = 20, crew: Partial<Parameters<typeof consumeNotifications>[1]> = {}): Promise<void> {
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
      sendSlots: AT_ONCE,
      notifications: this,
      ...crew,
    });
    if (unsettled.size > 0) throw new Error("A message was left alone");
  }

  /** Works the queue off until it is empty. */
  async bringAll(crew?: Parameters<BatchRig["bring"]>[1]): Promise<void> {
    while (this.queue.length > 0) await this.bring(20, crew);
  }

  async sendJob(job: NotificationJob): Promise<JobOutcome> {
    await this.onSend();
    const outcome = this.outcomeOf(job);
    if (outcome.kind === "sent") this.sent.push(job);
    return outcome;
  }

  enqueue(bodies: readonly NotificationJob[]): void {
    if (this.queueIsDown) throw new Error("The queue takes nothing");
    this.portions.push(bodies.length);
    this.queue.push(...bodies);
  }

  /** The places in the batch of those that were sent something. */
  get ordinalsSent(): number[] {
    return this.sent.map(({ batch }) => batch?.ordinal ?? -1);
  }
}

/** A fresh rig before each test, at {@link START}; to be used after `useDeployment`. */
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

export const handIn = (list: readonly object[], more: object = {}, headers?: Record<string, string>) =>
  api(
    "POST",
    "/v1/notifications/batches",
    { template: "shipping_update", recipients: list, ...more },
    headers,
  );

export const read = async (id: string) => (await api("GET", `/v1/notifications/batches/${id}`)).body;

export const steer = async (id: string, verb: "pause" | "resume" | "cancel") =>
  (await api("POST", `/v1/notifications/batches/${id}/${verb}`)).body;

export const objectOf = (id: string) => env.NOTIFICATION_BATCHES.getByName(id as BatchId);

/** The keys in a batch's storage. */
export const stored = (id: string) =>
  runInDurableObject(objectOf(id), (_, { storage }) => [...storage.kv.list()].map(([key]) => key));
