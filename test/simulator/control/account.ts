import { Hono } from "hono";
import * as z from "zod";
import type { MetaAccount } from "../account/account.ts";
import { accountPatchSchema, KNOWN_WEBHOOK_FIELDS } from "../account/settings.ts";
import type { Deliveries } from "../webhooks/deliveries.ts";
import type { Handshake } from "../webhooks/handshake.ts";
import { body } from "./input.ts";

interface AccountControlOptions {
  meta: MetaAccount;
  deliveries: Deliveries;
  handshake: Handshake;
}

const changeRequest = z.strictObject({
  field: z.enum(KNOWN_WEBHOOK_FIELDS),
  value: z.record(z.string(), z.unknown()),
});

/** `/_sim/account`: what an administrator does in Meta's pages, and what Meta decides about the account. */
export function accountControls({ meta, deliveries, handshake }: AccountControlOptions): Hono {
  const app = new Hono();

  app.get("/", (c) => c.json(meta.settings));

  app.put("/", async (c) => {
    const part = await body(c, accountPatchSchema);
    meta.merge(part);
    const { url, verify_token } = meta.settings.webhook;
    const isSaved = part.webhook?.url !== undefined || part.webhook?.verify_token !== undefined;
    // As when the form in the dashboard is saved; its outcome does not keep the test from setting what it likes.
    if (isSaved && url !== null && verify_token !== null) await handshake(url, verify_token);
    return c.json(meta.settings);
  });

  app.post("/changes", async (c) => {
    const change = await body(c, changeRequest);
    return c.json({ webhook_status: await deliveries.announce([change]) });
  });

  return app;
}
