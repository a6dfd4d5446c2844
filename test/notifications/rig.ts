import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, vi } from "vitest";
import { deploy } from "../../src/deployment.ts";
import type { Event } from "../../src/events/event.ts";
import { parseNotificationId, recipientOf } from "../../src/ids/notification-id.ts";
import type { JobOutcome, NotificationJob } from "../../src/notifications/notification.ts";
import { api, control, type Deployment, newNumber, statuses, webhook } from "../deployment.ts";

export const SECOND = 1000;
export const DAY = 86_400_000;

const BODY = "Hi {{name}}, order {{order}} has shipped.";

/** The template as stored at WhatsApp and in KV. */
const AT_WHATSAPP = {
  name: "shipping_update",
  language: "en_US",
  category: "UTILITY",
  parameter_format: "NAMED",
  components: [
    {
      type: "BODY",
      text: BODY,
      example: {
        body_text_named_params: [
          { param_name: "name", example: "Ana" },
          { param_name: "order", example: "A-77" },
        ],
      },
    },
  ],
};
const IN_KV = {
  name: "shipping_update",
  category: "utility",
  languages: { en_US: { status: "APPROVED", body: BODY } },
};

const { notifications } = deploy(env);

/** Captures both queues; nothing is delivered by itself. */
export class NotificationRig {
  readonly jobs: NotificationJob[] = [];
  readonly events: Event[] = [];
  queueIsDown = false;

  take<Body>(list: Body[], messages: Iterable<MessageSendRequest<unknown>>): Promise<QueueSendBatchResponse> {
    if (this.queueIsDown) return Promise.reject(new Error("the queue is down"));
    list.push(...[...messages].map(({ body }) => body as Body));
    return Promise.resolve({} as QueueSendBatchResponse);
  }

  /** Sends all queued jobs. */
  async work(): Promise<JobOutcome[]> {
    const jobs = await vi.waitFor(() => {
      if (this.jobs.length === 0) throw new Error("The queue is empty");
      return this.jobs.splice(0);
    });
    return Promise.all(jobs.map((job) => notifications.sendJob(job)));
  }

  /** The types of the notification events so far. */
  get eventTypes(): string[] {
    return this.events.map(({ type }) => type).filter((type) => type.startsWith("notification."));
  }
}

/** Creates the template at WhatsApp, approved, and in KV. */
export async function putTemplate(deployment: Deployment): Promise<void> {
  await env.TEMPLATES.put("template/shipping_update", JSON.stringify(IN_KV));
  const account = env.WHATSAPP_BUSINESS_ACCOUNT_ID;
  const created = await deployment.simulator.app.request(`/v26.0/${account}/message_templates`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.WHATSAPP_ACCESS_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(AT_WHATSAPP),
  });
  if (created.status !== 200) throw new Error(await created.text());
}

/** Provides a new rig before each test; call it after `useDeployment`. */
export function useNotificationRig(deployment: Deployment): () => NotificationRig {
  let rig: NotificationRig;
  beforeEach(async () => {
    rig = new NotificationRig();
    await putTemplate(deployment);
    const queues = await runInDurableObject(
      env.CONTACTS.getByName("rig"),
      (object) => (object as unknown as { env: Env }).env,
    );
    vi.spyOn(queues.NOTIFICATIONS, "sendBatch").mockImplementation((messages) =>
      rig.take(rig.jobs, messages),
    );
    vi.spyOn(queues.EVENTS, "sendBatch").mockImplementation((messages) => rig.take(rig.events, messages));
  });
  return () => rig;
}

export const notify = (to: string, more: object = {}) =>
  api("POST", "/v1/notifications", {
    to,
    template: "shipping_update",
    parameters: { name: "Ana Wijaya", order: "A-77" },
    ...more,
  });

/** Requests a notification and returns its id. */
export async function notified(to = newNumber(), more: object = {}): Promise<string> {
  return (await notify(to, more)).body.id;
}

export const read = async (id: string) => (await api("GET", `/v1/notifications/${id}`)).body;

export function objectOf(text: string) {
  const id = parseNotificationId(text);
  if (id === null) throw new Error(`${text} is not an id`);
  return env.CONTACTS.getByName(recipientOf(id));
}

/** Posts a status webhook as Meta does. */
export function postStatus(id: string, status: string, more: object = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const data = { id: `wamid.of.${id}`, status, timestamp, biz_opaque_callback_data: id, ...more };
  return webhook(statuses(data));
}

/** Has a user send a message. */
export const userWrites = (deployment: Deployment, from: string, text: string) =>
  control(deployment, "POST", "/inbound", { from, text });
