import { Hono } from "hono";
import * as z from "zod";
import { type BehaviourScript, behaviourSchema } from "./behaviour.ts";
import { accountControls } from "./control/account.ts";
import { body, ControlError, numberInQuery, parsed, phoneNumber } from "./control/input.ts";
import { templateControls } from "./control/templates.ts";
import type { CallLog } from "./graph/management/call-log.ts";
import { type InboundMessage, newMessageId } from "./messages.ts";
import type { Store } from "./store.ts";
import type { Traffic } from "./traffic.ts";
import type { Deliveries } from "./webhooks/deliveries.ts";
import type { Handshake } from "./webhooks/handshake.ts";

interface ControlOptions {
  store: Store;
  behaviour: BehaviourScript;
  deliveries: Deliveries;
  traffic: Traffic;
  calls: CallLog;
  handshake: Handshake;
  now: () => number;
}

const statusRequest = z
  .strictObject({
    status: z.enum(["sent", "delivered", "read", "failed"]),
    error_code: z.int().optional(),
  })
  .refine(({ status, error_code }) => status === "failed" || error_code === undefined, {
    error: "only with status failed",
    path: ["error_code"],
  });

/** How every message of a user may be sent. */
const writer = {
  from: phoneNumber,
  without_number: z.boolean().optional(),
  /** As a message that WhatsApp brings late, by its own clock. */
  seconds_ago: z.int().min(0).max(86_400).optional(),
};

const inboundRequest = z.union([
  z.strictObject({ ...writer, text: z.string().min(1).max(4_096) }),
  z.strictObject({ ...writer, button_payload: z.string().min(1), context_id: z.string().min(1) }),
  z.strictObject({ ...writer, shares_number: z.literal(true) }),
  z.strictObject({ ...writer, forwards_card_of: phoneNumber }),
]);

const numberRequest = z
  .strictObject({
    on_whatsapp: z.boolean().optional(),
    sms: z.boolean().optional(),
    wa_id: z
      .string()
      .regex(/^[1-9]\d{6,14}$/, "not the digits of a number")
      .optional(),
  })
  .refine(({ on_whatsapp, sms, wa_id }) => (on_whatsapp ?? sms ?? wa_id) !== undefined, {
    error: "needs on_whatsapp, sms or wa_id",
  });

/**
 * The `/_sim` calls, with which tests and the page act as WhatsApp, the SMS gateways and the user. Bad input gets
 * 400 with a reason, an unknown message or template 404.
 *
 * | call | body, query | does |
 * |---|---|---|
 * | `GET /messages` | `?to=` | what phones received, newest first: `{ messages: Message[] }` |
 * | `POST /messages/{id}/status` | `status`, `error_code?` | moves it and posts the webhook: `{ webhook_status }` |
 * | `POST /inbound` | `from` with `text`; with `button_payload` and `context_id`; with `shares_number`; or with `forwards_card_of`. Besides `without_number?`, `seconds_ago?` | the user writes, taps, shares their own number as asked, or forwards a card: `{ webhook_status }` |
 * | `GET /inbound` | `?from=` | what users wrote, newest first: `{ inbound: InboundMessage[] }` |
 * | `GET /templates` | | all of them, whole: `{ templates: Template[] }` |
 * | `POST /templates/{name}/status` | `language?`, `status`, `reason?` | reviews, pauses, reinstates: one webhook with a change per language, `{ webhook_status }` |
 * | `POST /templates/{name}/quality` | `language?`, `score` | rates, likewise |
 * | `POST /templates/{name}/category` | `language?`, `category` | moves it to another category, likewise |
 * | `GET /rate` | `?template=` | `{ accepted, max_per_second, recipients, recipients_repeated }` of sends over WhatsApp |
 * | `GET /calls` | `?method=` | the last calls of the Graph API that were no sends: `{ calls: ManagementCall[] }` |
 * | `GET`, `PUT /behaviour` | part of a {@link Behaviour} | the behaviour after it |
 * | `GET`, `PUT /account` | part of the {@link AccountSettings} | app, token, account and number at Meta: the whole after it |
 * | `POST /account/changes` | `field`, `value` | posts a webhook about the account, such as `account_update`: `{ webhook_status }` |
 * | `PUT /numbers/{number}` | `on_whatsapp?`, `sms?`, `wa_id?` | who can be reached, and the id of an account that is older than a change of its number |
 * | `DELETE /` | | forgets everything: 204 |
 *
 * `webhook_status` is the status of the webhook's response, null without one. With `delivery: "auto"` a webhook that
 * was not acknowledged is posted again for ten minutes; with `manual` a control call posts once.
 */
export function controlRoutes({
  store,
  behaviour,
  deliveries,
  traffic,
  calls,
  handshake,
  now,
}: ControlOptions): Hono {
  const app = new Hono();

  app.onError((error, c) => {
    if (error instanceof ControlError) return c.json({ error: error.message }, 400);
    throw error;
  });
  app.get("/messages", (c) => c.json({ messages: store.messages(numberInQuery(c, "to")) }));

  app.post("/messages/:id/status", async (c) => {
    const message = store.message(c.req.param("id"));
    if (!message) return c.json({ error: `no message ${c.req.param("id")}` }, 404);
    const { status, error_code } = await body(c, statusRequest);
    if (message.channel === "sms" && status === "read") {
      throw new ControlError("an SMS has no read receipt");
    }
    return c.json({ webhook_status: await deliveries.report(message, status, error_code) });
  });

  app.get("/inbound", (c) => c.json({ inbound: store.inbound(numberInQuery(c, "from")) }));
  app.post("/inbound", async (c) => {
    const message = inboundMessage(await body(c, inboundRequest), store, now());
    store.putInbound(message);
    return c.json({ webhook_status: await deliveries.receive(message) });
  });

  app.route("/templates", templateControls({ shelf: store.templates, deliveries }));
  app.get("/rate", (c) => c.json(traffic.rate(c.req.query("template"))));

  app.get("/behaviour", (c) => c.json(behaviour.current));
  app.put("/behaviour", async (c) => {
    behaviour.merge(await body(c, behaviourSchema.partial()));
    return c.json(behaviour.current);
  });

  app.get("/calls", (c) => c.json({ calls: calls.calls(c.req.query("method")) }));
  app.route("/account", accountControls({ meta: store.account, deliveries, handshake }));

  app.put("/numbers/:number", async (c) => {
    const number = parsed(phoneNumber, c.req.param("number"));
    const { on_whatsapp, sms, wa_id } = await body(c, numberRequest);
    if (on_whatsapp !== undefined) store.setOnWhatsApp(number, on_whatsapp);
    if (sms !== undefined) store.setGetsSms(number, sms);
    if (wa_id !== undefined) store.setWaId(number, wa_id);
    return c.json({ number, on_whatsapp: store.isOnWhatsApp(number), sms: store.getsSms(number) });
  });

  app.delete("/", (c) => {
    behaviour.reset();
    traffic.forget();
    calls.forget();
    store.forget();
    return c.body(null, 204);
  });

  return app;
}

/** A tap carries the label of the button it was on, where the phone has that message. */
function inboundMessage(
  request: z.infer<typeof inboundRequest>,
  store: Store,
  nowMs: number,
): InboundMessage {
  const { from, without_number = false, seconds_ago = 0 } = request;
  const common = {
    id: newMessageId(from),
    from,
    ...(without_number ? { without_number } : {}),
    created_at: new Date(nowMs - seconds_ago * 1000).toISOString(),
    button_payload: null,
    context_id: null,
  };
  if ("text" in request) return { ...common, text: request.text };
  if ("shares_number" in request) {
    return { ...common, text: from, card: { number: from, origin: "contact_request" } };
  }
  if ("forwards_card_of" in request) {
    const { forwards_card_of: number } = request;
    return { ...common, text: number, card: { number, origin: "other" } };
  }
  const { button_payload, context_id } = request;
  const message = store.message(context_id);
  const tapped =
    message?.channel === "whatsapp"
      ? message.buttons.find((button) => button.type === "quick_reply" && button.payload === button_payload)
      : undefined;
  const is_reply_button = message?.channel === "whatsapp" && message.category === "service";
  return { ...common, text: tapped?.text ?? button_payload, button_payload, context_id, is_reply_button };
}
