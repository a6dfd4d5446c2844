import { Hono } from "hono";

/** Cloudflare's public keys for tests, which do here what they do there. */
export const TEST_KEYS = {
  passes: { siteKey: "1x00000000000000000000AA", secretKey: "1x0000000000000000000000000000000AA" },
  fails: { siteKey: "2x00000000000000000000AB", secretKey: "2x0000000000000000000000000000000AA" },
  /** The site key makes the visitor click, the secret takes every token for one that was used. */
  third: { siteKey: "3x00000000000000000000FF", secretKey: "3x0000000000000000000000000000000AA" },
} as const;

/** How the tokens of `page/turnstile/v0/api.js` begin, like those of Cloudflare's test keys. */
const TOKEN = /^XXXX\.DUMMY\.TOKEN\.([\w-]+)$/;

/**
 * Turnstile's siteverify. A token says in itself which page, action and data it is for, and counts once; with the
 * idempotency key of its first time it counts again.
 */
export function turnstileRoutes(): Hono {
  const app = new Hono();
  const used = new Map<string, string>();

  app.post("/turnstile/v0/siteverify", async (c) => {
    const form = new URLSearchParams(new TextDecoder().decode(await c.req.arrayBuffer()));
    const refuse = (code: string) => c.json({ success: false, "error-codes": [code], messages: [] });
    const secret = form.get("secret") ?? "";
    if (secret === "") return refuse("missing-input-secret");
    const token = form.get("response") ?? "";
    const given = TOKEN.exec(token)?.[1];
    switch (secret) {
      case TEST_KEYS.passes.secretKey:
        break;
      case TEST_KEYS.fails.secretKey:
        return refuse("invalid-input-response");
      case TEST_KEYS.third.secretKey:
        return refuse("timeout-or-duplicate");
      default:
        return refuse("invalid-input-secret");
    }
    if (token === "") return refuse("missing-input-response");
    if (given === undefined) return refuse("invalid-input-response");
    const key = form.get("idempotency_key") ?? crypto.randomUUID();
    if ((used.get(token) ?? key) !== key) return refuse("timeout-or-duplicate");
    used.set(token, key);
    const { hostname, action, cdata, at } = JSON.parse(atob(given.replaceAll("-", "+").replaceAll("_", "/")));
    return c.json({
      success: true,
      challenge_ts: at,
      hostname,
      action,
      cdata,
      "error-codes": [],
      messages: [],
    });
  });
  return app;
}

/** A token as the widget's stand-in makes it. */
export function dummyToken(fields: {
  readonly hostname: string;
  readonly action: string;
  readonly cdata: string;
}): string {
  const at = new Date().toISOString();
  const text = JSON.stringify({ ...fields, at, nonce: crypto.randomUUID() });
  return `XXXX.DUMMY.TOKEN.${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}
