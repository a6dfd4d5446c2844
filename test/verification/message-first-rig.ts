import {
  api,
  control,
  type Deployment,
  messagesChange,
  newNumber,
  start,
  type WebhookOrigin,
} from "../deployment.ts";
import { type NotificationRig, useNotificationRig } from "../notifications/rig.ts";

export const MINUTE = 60_000;

/** A verification whose user is to send a message. */
export interface Opened {
  readonly id: string;
  readonly to: string;
  readonly session: string;
  readonly text: string;
  readonly url: string;
}

/** The queue of answers, which a test sends itself. */
export function useMessageFirst(deployment: Deployment): () => NotificationRig {
  return useNotificationRig(deployment);
}

/** Starts a sign-up by a message, for a number and a session of its own. */
export async function open(
  more: { to?: string; session?: string; readonly [field: string]: unknown } = {},
): Promise<Opened> {
  const { to = newNumber(), session = crypto.randomUUID() } = more;
  const { status, text, body } = await start({ purpose: "signup", method: "message", ...more, to, session });
  if (status >= 300) throw new Error(text);
  return { id: body.id, to, session, text: body.message_first.text, url: body.message_first.url };
}

/** The user sends the text, or what the test says. Returns the status of the webhook. */
export async function send(
  deployment: Deployment,
  { to, text }: Pick<Opened, "to" | "text">,
  more: object = {},
): Promise<number> {
  const response = await control(deployment, "POST", "/inbound", { from: to, text, ...more });
  if (response.status !== 200) throw new Error(await response.text());
  return ((await response.json()) as { webhook_status: number }).webhook_status;
}

export const read = async (id: string) => (await api("GET", `/v1/verifications/${id}`)).body;

/** The token in a sentence, with its hyphens. */
export function tokenIn(text: string): string {
  const token = /[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{3}/.exec(text)?.[0];
  if (token === undefined) throw new Error(`No token in ${text}`);
  return token;
}

/** Meta's webhook of one message, whose id is always the same for the same content. */
export function userMessage(from: string | null, message: object, origin?: WebhookOrigin) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const id = `wamid.${btoa(JSON.stringify([from, message])).slice(0, 100)}`;
  const sent = { from: from?.slice(1), id, timestamp, ...message };
  return messagesChange({ messages: [sent] }, origin);
}
