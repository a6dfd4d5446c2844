import * as z from "zod";
import { MODES } from "../rule.ts";

/** The team's own check before a send, as it stands in `[vars.GUARD.veto]`. */
export const vetoSettings = z
  .strictObject({
    mode: z.enum(MODES).default("off"),
    url: z.string().default(""),
    /** What no answer in time counts as, or one that makes no sense. */
    on_failure: z.enum(["allow", "deny"]).default("allow"),
  })
  .refine(({ mode, url }) => mode === "off" || isFitAddress(url), {
    path: ["url"],
    message: "is not an https address",
  })
  .transform((fields) => ({ mode: fields.mode, url: fields.url, onFailure: fields.on_failure }));

export type VetoSettings = z.output<typeof vetoSettings>;

/** As Standard Webhooks spells a secret: 24 to 64 bytes in base64. */
export const VETO_SECRET = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

/** Phone numbers go there: in clear no further than the developer's own machine. */
function isFitAddress(text: string): boolean {
  const { protocol, hostname = "" } = URL.parse(text) ?? {};
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127\.0\.0\.1)$/.test(hostname));
}
