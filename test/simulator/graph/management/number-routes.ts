import { Hono } from "hono";
import * as z from "zod";
import { pause } from "../../pause.ts";
import { type Access, type GraphEnv, MANAGEMENT_SCOPE } from "../access.ts";
import { GraphError } from "../errors.ts";
import { selectFields } from "../fields.ts";
import { parameters } from "../parameters.ts";
import type { GraphOptions } from "../routes.ts";
import { askForDisplayName, deregister, register, setPin } from "./registration.ts";
import { verificationFailed } from "./webhook-routes.ts";

const pin = z.string().regex(/^\d{6}$/, "needs six digits");

const registration = z.object({ messaging_product: z.literal("whatsapp"), pin });

const change = z
  .object({
    pin,
    new_display_name: z.string().min(1),
    webhook_configuration: z.object({
      override_callback_uri: z.string(),
      verify_token: z.string().optional(),
    }),
  })
  .partial();

const codeRequest = z.object({ code_method: z.enum(["SMS", "VOICE"]), language: z.string().min(2) });

const settingsChange = z.object({
  user_identity_change: z.object({ enable_identity_key_check: z.boolean() }),
});

/** What Meta asks for with a request for the blue tick; the simulator takes any text. */
const badgeRequest = z.looseObject({
  business_website_url: z.url(),
  primary_country_of_operation: z.string().min(2),
  primary_language: z.string().min(2),
  supporting_links: z.array(z.url()).min(1),
});

/** Registration, PIN, display name, ownership, settings and blue tick of the number, below a version. */
export function numberRoutes(access: Access, options: GraphOptions): Hono<GraphEnv> {
  const { account, behaviour, now, handshake } = options;
  const meta = options.store.account;
  const id = account.phoneNumberId;
  const app = new Hono<GraphEnv>();

  app.use(`/${id}/*`, async (c, next) => {
    access.requireNumber(c.get("caller"), c.req.method, id, MANAGEMENT_SCOPE);
    await next();
  });

  app.post(`/${id}/register`, async (c) => {
    const request = await parameters(c, registration);
    // Without the client's signal: Meta finishes a registration without a waiting client as well.
    await pause(behaviour.current.register_latency_ms, new AbortController().signal);
    register(meta, request.pin, now());
    return c.json({ success: true });
  });

  app.post(`/${id}/deregister`, (c) => {
    deregister(meta, now());
    return c.json({ success: true });
  });

  app.post(`/${id}`, async (c) => {
    const { pin, new_display_name, webhook_configuration } = await parameters(c, change);
    if (webhook_configuration !== undefined) {
      const { override_callback_uri: url, verify_token = "" } = webhook_configuration;
      const failure = url === "" ? null : await handshake(url, verify_token);
      if (failure !== null) throw verificationFailed(failure);
      meta.merge({ override: { number: url === "" ? null : url } });
    }
    if (new_display_name !== undefined) askForDisplayName(meta, new_display_name, now());
    if (pin !== undefined) setPin(meta, pin, now());
    return c.json({ success: true });
  });

  app.post(`/${id}/request_code`, async (c) => {
    await parameters(c, codeRequest);
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    meta.merge({ requested_code: String(random % 1_000_000).padStart(6, "0") });
    return c.json({ success: true });
  });

  app.post(`/${id}/verify_code`, async (c) => {
    const { code } = await parameters(c, z.object({ code: z.string() }));
    if (code !== meta.settings.requested_code) {
      throw new GraphError(136025, { details: "The code is another one" });
    }
    meta.merge({ requested_code: null, code_verification_status: "VERIFIED" });
    return c.json({ success: true });
  });

  app.get(`/${id}/settings`, (c) => {
    const { identity_check: enable_identity_key_check } = meta.settings;
    return c.json({ user_identity_change: { enable_identity_key_check } });
  });

  app.post(`/${id}/settings`, async (c) => {
    const { user_identity_change } = await parameters(c, settingsChange);
    meta.merge({ identity_check: user_identity_change.enable_identity_key_check });
    return c.json({ success: true });
  });

  app.get(`/${id}/official_business_account`, (c) => {
    const { oba: oba_status } = meta.settings;
    const node = { id, oba_status, status_message: BADGE_MESSAGES[oba_status] };
    return c.json(selectFields(node, c.req.query("fields"), ["oba_status"], "WhatsAppBusinessOBAStatus"));
  });

  app.post(`/${id}/official_business_account`, async (c) => {
    await parameters(c, badgeRequest);
    const { oba, account_mode, is_on_biz_app } = meta.settings;
    const isOpen = oba === "PENDING" || oba === "APPROVED";
    if (isOpen || account_mode === "SANDBOX" || is_on_biz_app) {
      throw new GraphError(100, { message: "(#100) This phone number is not eligible for a request" });
    }
    meta.merge({ oba: "PENDING" });
    return c.json({ success: true });
  });

  return app;
}

const BADGE_MESSAGES = {
  NOT_STARTED: undefined,
  PENDING: "Your request is in review.",
  APPROVED: undefined,
  REJECTED: "This business is not notable enough yet.",
};
