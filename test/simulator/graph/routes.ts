import { Hono } from "hono";
import type { BehaviourScript } from "../behaviour.ts";
import { newMessageId, type WhatsAppMessage } from "../messages.ts";
import { pause } from "../pause.ts";
import type { Store } from "../store.ts";
import type { Template } from "../templates/template.ts";
import type { Traffic } from "../traffic.ts";
import type { Handshake } from "../webhooks/handshake.ts";
import type { Account } from "../webhooks/payloads.ts";
import { Access, callerOf, type GraphEnv, MESSAGING_SCOPE, tokenOf } from "./access.ts";
import { GraphError, unknownObject } from "./errors.ts";
import type { CallLog } from "./management/call-log.ts";
import { numberRoutes } from "./management/number-routes.ts";
import { managementReads } from "./management/routes.ts";
import { webhookRoutes } from "./management/webhook-routes.ts";
import { requestBody } from "./request-body.ts";
import { type AcceptedSend, acceptSend, type SendContext, sendSchema } from "./send.ts";
import { checkMaySend } from "./send-permission.ts";
import { templateRoutes } from "./template-routes.ts";

export interface GraphOptions {
  account: Account;
  accessToken: string;
  store: Store;
  behaviour: BehaviourScript;
  traffic: Traffic;
  calls: CallLog;
  now: () => number;
  handshake: Handshake;
  /** Called with each accepted message, before the response. */
  onAccepted: (message: WhatsAppMessage) => void;
  /** Called with each template whose status a Graph call changed. */
  onReviewed: (template: Template) => void;
}

/** The time after which a hanging call ends if its client does not disconnect. */
const HANG_MS = 60_000;

/** The customer service window after a user's last message. */
const WINDOW_MS = 24 * 60 * 60_000;

/** The paths of graph.facebook.com that a WhatsApp sender calls. */
export function graphRoutes(options: GraphOptions): Hono<GraphEnv> {
  const { account, accessToken, store, behaviour, traffic, now } = options;
  const { businessAccountId } = account;
  const access = new Access({ account: store.account, accessToken, businessAccountId, now });
  const app = new Hono<GraphEnv>();
  const context: SendContext = {
    findTemplate: (name, language) => store.templates.get(name, language),
    userNumber: (userId) => store.userNumber(userId),
    hasOpenWindow: (number) => {
      const lastMs = store.lastInboundMs(store.ownerOf(number));
      return lastMs !== null && now() - lastMs < WINDOW_MS;
    },
  };

  app.use("/:version/*", async (c, next) => {
    if (!/^v\d+\.\d+$/.test(c.req.param("version"))) throw unknownPath(c.req.path);
    if (!isSend(c.req)) {
      options.calls.record({ method: c.req.method, path: c.req.path });
      await manage(behaviour, c.req.raw.signal);
    }
    c.set("caller", callerOf(c.req.path.split("/")[2] ?? "", tokenOf(c), access, accessToken));
    await next();
  });

  app.post("/:version/:id/messages", async (c) => {
    if (c.req.param("id") !== account.phoneNumberId) throw unknownObject("post", c.req.param("id"));
    access.requireNumber(c.get("caller"), "post", account.phoneNumberId, MESSAGING_SCOPE);
    const turn = behaviour.nextTurn();
    if (turn.kind === "hang") {
      // Nothing is recorded: a send without a response does not reach the phone.
      await pause(HANG_MS, c.req.raw.signal);
      throw new GraphError(2);
    }
    const { latency_ms, messages_per_second } = behaviour.current;
    if (latency_ms > 0) await pause(latency_ms, c.req.raw.signal);
    if (turn.kind === "fail") throw injectedError(turn.code, turn.http_status);
    const request = await requestBody(c.req, sendSchema);
    const nowMs = now();
    if (messages_per_second !== null && traffic.isFull(messages_per_second, nowMs)) {
      throw new GraphError(130429, { details: "Cloud API message throughput has been reached" });
    }
    const send = acceptSend(request, context);
    const to = store.ownerOf(send.to);
    await checkMaySend(store.account.settings, {
      to,
      category: send.content.category,
      hasWritten: store.lastInboundMs(to) !== null,
      isOwnNumber: store.account.settings.number_waba === businessAccountId,
    });
    const message = acceptedMessage(send, to, nowMs);
    traffic.count(message.to, message.template, nowMs);
    store.putMessage(message);
    options.onAccepted(message);
    return c.json({
      messaging_product: "whatsapp",
      contacts: [{ input: send.input, wa_id: store.waIdOf(message.to) }],
      messages: [{ id: message.id, message_status: "accepted" }],
    });
  });

  app.route("/:version", webhookRoutes(access, options));
  app.route("/:version", numberRoutes(access, options));
  app.route("/:version", templateRoutes(access, options));
  app.route("/:version", managementReads(access, options));

  return app;
}

/** Graph's response to an unknown path. */
export function unknownPath(path: string): GraphError {
  return new GraphError(2500, { message: `Unknown path components: ${path}` });
}

function isSend({ method, path }: { method: string; path: string }): boolean {
  return method === "POST" && path.endsWith("/messages");
}

/** @throws GraphError when management calls are set to fail, or the end of the wait when they hang */
async function manage({ current }: BehaviourScript, signal: AbortSignal): Promise<void> {
  if (current.management === "work") return;
  if (current.management === "hang") await pause(HANG_MS, signal);
  throw new GraphError(2);
}

/** A failure that a test requested; codes of the messaging API have `error_data`. */
function injectedError(code: number, status: number): GraphError {
  return code >= 130_000
    ? new GraphError(code, { status, details: "Injected by the simulator" })
    : new GraphError(code, { status });
}

function acceptedMessage(
  { content, contextId, callbackData }: Omit<AcceptedSend, "to">,
  to: string,
  nowMs: number,
) {
  const message: WhatsAppMessage = {
    id: newMessageId(to),
    channel: "whatsapp",
    to,
    ...content,
    context_id: contextId,
    status: "accepted",
    error: null,
    callback_data: callbackData,
    created_at: new Date(nowMs).toISOString(),
  };
  return message;
}
