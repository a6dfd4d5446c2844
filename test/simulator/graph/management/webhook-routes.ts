import { Hono } from "hono";
import * as z from "zod";
import { APP, KNOWN_WEBHOOK_FIELDS } from "../../account/settings.ts";
import type { Access, GraphEnv } from "../access.ts";
import { GraphError } from "../errors.ts";
import { parameters } from "../parameters.ts";
import type { GraphOptions } from "../routes.ts";

const OBJECT = "whatsapp_business_account";

const listOfFields = z
  .string()
  .transform((list) => list.split(",").map((field) => field.trim()))
  .pipe(z.array(z.enum(KNOWN_WEBHOOK_FIELDS)));

const subscription = z.object({
  object: z.literal(OBJECT),
  callback_url: z.url(),
  verify_token: z.string().min(1),
  fields: listOfFields.default([]),
});

const removal = z.object({ object: z.literal(OBJECT).optional(), fields: listOfFields.optional() });

const override = z
  .object({ override_callback_uri: z.url(), verify_token: z.string().min(1) })
  .partial()
  .refine(({ override_callback_uri, verify_token }) => !override_callback_uri || verify_token !== undefined, {
    error: "required with override_callback_uri",
    path: ["verify_token"],
  });

/** The app that every WhatsApp account for tests is subscribed to. */
const META_TEST_APP = {
  id: "67568224",
  name: "WA DevX Webhook Events 1P App",
  link: "https://www.facebook.com/",
};

/** The webhook of the app, its fields, and the app's subscription to the account, below a version. */
export function webhookRoutes(access: Access, options: GraphOptions): Hono<GraphEnv> {
  const { account, handshake } = options;
  const meta = options.store.account;
  const app = new Hono<GraphEnv>();

  app.use(`/${APP.id}/subscriptions`, async (c, next) => {
    access.requireApp(c.get("caller"));
    await next();
  });

  app.get(`/${APP.id}/subscriptions`, (c) => {
    const { url, fields } = meta.settings.webhook;
    if (url === null) return c.json({ data: [] });
    const named = fields.length === 0 ? {} : { fields: fields.map((name) => ({ name, version: "v26.0" })) };
    return c.json({ data: [{ object: OBJECT, callback_url: url, active: true, ...named }] });
  });

  app.post(`/${APP.id}/subscriptions`, async (c) => {
    const { callback_url: url, verify_token, fields } = await parameters(c, subscription);
    await verify(url, verify_token);
    const takesFields = meta.settings.webhook.fields_by_api;
    meta.merge({ webhook: { url, verify_token, ...(takesFields ? { fields } : {}) } });
    return c.json({ success: true });
  });

  app.delete(`/${APP.id}/subscriptions`, async (c) => {
    const { fields } = await parameters(c, removal);
    const kept = meta.settings.webhook.fields.filter((field) => fields && !fields.includes(field));
    const rest = fields === undefined ? { url: null, verify_token: null } : {};
    meta.merge({ webhook: { fields: kept, ...rest } });
    return c.json({ success: true });
  });

  app.use("/:id/subscribed_apps", async (c, next) => {
    access.requireAccount(c.get("caller"), c.req.method, c.req.param("id"));
    await next();
  });

  app.get("/:id/subscribed_apps", (c) => {
    const { subscribed, override, account_mode } = meta.settings;
    const isOfThisAccount = c.req.param("id") === account.businessAccountId;
    const redirected = override.account === null ? {} : { override_callback_uri: override.account };
    const sandi = { whatsapp_business_api_data: { ...APP, link: "https://example.com/" }, ...redirected };
    return c.json({
      data: [
        ...(account_mode === "SANDBOX" ? [{ whatsapp_business_api_data: META_TEST_APP }] : []),
        ...(subscribed && isOfThisAccount ? [sandi] : []),
      ],
    });
  });

  app.post("/:id/subscribed_apps", async (c) => {
    const { override_callback_uri: url = null, verify_token = "" } = await parameters(c, override);
    if (url !== null) await verify(url, verify_token);
    meta.merge({ subscribed: true, override: { account: url } });
    return c.json({ success: true });
  });

  app.delete("/:id/subscribed_apps", (c) => {
    meta.merge({ subscribed: false, override: { account: null } });
    return c.json({ success: true });
  });

  async function verify(url: string, token: string): Promise<void> {
    const failure = await handshake(url, token);
    if (failure !== null) throw verificationFailed(failure);
  }

  return app;
}

export function verificationFailed(failure: string): GraphError {
  return new GraphError(2200, {
    message: `(#2200) Callback verification failed with the following errors: ${failure}`,
  });
}
