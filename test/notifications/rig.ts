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

/** The template as WhatsApp has it, and as KV does. */
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

/** Both queues in the hands of the test: what was put on them goes nowhere by itself. */
export class NotificationRig {
  readonly jobs: NotificationJob[] = [];
  readonly events: Event[] = [];
  queueIsDown = false;

  take<Body>(list: Body[], messages: Iterable<MessageSendRequest<unknown>>): Promise<QueueSendBatchResponse> {
    if (this.queueIsDown) return Promise.reject(new Error("the queue is down"));
    list.push(...[...messages].map(({ body }) => body as Body));
    return Promise.resolve({} as QueueSendBatchResponse);
  }

  /** Works off all that the queue holds. */
  async work(): Promise<JobOutcome[]> {
    const jobs = await vi.waitFor(() => {
      if (this.jobs.length === 0) throw new Error("The queue is empty");
      return this.jobs.splice(0);
    });
    return Promise.all(jobs.map((job) => notifications.sendJob(job)));
  }

  /** The types of the events so far, without those of verifications. */
  get told(): string[] {
    return this.events.map(({ type }) => type).filter((type) => type.startsWith("notification."));
  }
}

/** The template, approved by WhatsApp and known to us. */
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

/** To be used after `useDeployment`: a fresh rig before each test. */
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

/** Asks for a notification and answers its id. */
export async function notified(to = newNumber(), more: object = {}): Promise<string> {
  return (await notify(to, more)).body.id;
}

export const read = async (id: string) => (await api("GET", `/v1/notifications/${id}`)).body;

export function objectOf(text: string) {
  const id = parseNotificationId(text);
  if (id === null) throw new Error(`${text} is no id`);
  return env.CONTACTS.getByName(recipientOf(id));
}

/** A status as Meta posts it. */
export function tell(id: string, status: string, more: object = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const told = { id: `wamid.of.${id}`, status, timestamp, biz_opaque_callback_data: id, ...more };
  return webhook(statuses(told));
}

/** The user writes. */
export const says = (deployment: Deployment, from: string, text: string) =>
  control(deployment, "POST", "/inbound", { from, text });
