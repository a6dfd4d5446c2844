import { type Context, Hono } from "hono";
import * as z from "zod";
import { type BehaviourScript, behaviourSchema } from "./behaviour.ts";
import type { Store } from "./store.ts";
import type { Deliveries } from "./webhooks/deliveries.ts";

interface ControlOptions {
  store: Store;
  behaviour: BehaviourScript;
  deliveries: Deliveries;
}

/** E.164; the plus sign may be missing, or a space where a query string was not percent-encoded. */
const phoneNumber = z
  .string()
  .regex(/^[ +]?[1-9]\d{6,14}$/, "not a phone number")
  .transform((number) => `+${number.replace(/^[ +]/, "")}`);

const statusRequest = z
  .strictObject({
    status: z.enum(["sent", "delivered", "read", "failed"]),
    error_code: z.int().optional(),
  })
  .refine(({ status, error_code }) => status === "failed" || error_code === undefined, {
    error: "only with status failed",
    path: ["error_code"],
  });

const inboundRequest = z.union([
  z.strictObject({ from: phoneNumber, text: z.string().min(1).max(4_096) }),
  z.strictObject({ from: phoneNumber, button_payload: z.string().min(1), context_id: z.string().min(1) }),
]);

const numberRequest = z
  .strictObject({ on_whatsapp: z.boolean().optional(), sms: z.boolean().optional() })
  .refine(({ on_whatsapp, sms }) => (on_whatsapp ?? sms) !== undefined, {
    error: "needs on_whatsapp or sms",
  });

/** Bad input to a control call; answered 400. */
class ControlError extends Error {}

/** The `/_sim` calls, by which tests and the page play WhatsApp, the SMS gateways and the user. */
export function controlRoutes({ store, behaviour, deliveries }: ControlOptions): Hono {
  const app = new Hono();

  app.onError((error, c) => {
    if (error instanceof ControlError) return c.json({ error: error.message }, 400);
    throw error;
  });
  app.get("/messages", (c) => {
    const to = c.req.query("to");
    return c.json({ messages: store.messages(to === undefined ? undefined : parsed(phoneNumber, to)) });
  });

  app.post("/messages/:id/status", async (c) => {
    const message = store.message(c.req.param("id"));
    if (!message) return c.json({ error: `no message ${c.req.param("id")}` }, 404);
    const { status, error_code } = await body(c, statusRequest);
    if (message.channel === "sms" && status === "read") {
      throw new ControlError("nobody learns that an SMS was read");
    }
    return c.json({ webhook_status: await deliveries.report(message, status, error_code) });
  });

  app.post("/inbound", async (c) => {
    const { from, ...content } = await body(c, inboundRequest);
    return c.json({ webhook_status: await deliveries.receive(from, content) });
  });

  app.get("/behaviour", (c) => c.json(behaviour.current));
  app.put("/behaviour", async (c) => {
    behaviour.merge(await body(c, behaviourSchema.partial()));
    return c.json(behaviour.current);
  });

  app.put("/numbers/:number", async (c) => {
    const number = parsed(phoneNumber, c.req.param("number"));
    const { on_whatsapp, sms } = await body(c, numberRequest);
    if (on_whatsapp !== undefined) store.setOnWhatsApp(number, on_whatsapp);
    if (sms !== undefined) store.setGetsSms(number, sms);
    return c.json({ number, on_whatsapp: store.isOnWhatsApp(number), sms: store.getsSms(number) });
  });

  app.delete("/", (c) => {
    behaviour.reset();
    store.forget();
    return c.body(null, 204);
  });

  return app;
}

async function body<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  let json: unknown;
  try {
    json = await c.req.json();
  } catch {
    throw new ControlError("the body is not JSON");
  }
  return parsed(schema, json);
}

function parsed<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (!result.success) throw new ControlError(z.prettifyError(result.error));
  return result.data;
}
