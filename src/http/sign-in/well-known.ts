import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { type IssuerConfig, issuerAt } from "../../keys/issuer/settings.ts";
import type { TokenIssuer } from "../../keys/issuer/token-issuer.ts";
import { unknownRoute } from "../base-app.ts";
import type { AppEnv } from "../context.ts";
import { metadataOf } from "./metadata.ts";

/** For documents that are the same for everyone and that pages of every origin may read. */
const PUBLIC_HEADERS = {
  "access-control-allow-origin": "*",
  "cache-control": "public, max-age=600",
  "cross-origin-resource-policy": "cross-origin",
} as const;

/** The documents that OpenID Connect Discovery and RFC 8414 place below `/.well-known`, where other standards have theirs. */
export const WELL_KNOWN_PATHS = {
  keys: "/.well-known/jwks.json",
  openId: "/.well-known/openid-configuration",
  oauth: "/.well-known/oauth-authorization-server",
} as const;

/** The documents from which relying parties learn about the issuer. At other origins than the issuer's there are none. */
export function wellKnown(config: IssuerConfig, issuer: TokenIssuer): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const serve = (path: string, document: (issuer: string) => object | Promise<object>) => {
    app.get(path, async (c: Context<AppEnv>) => {
      const address = issuerAt(c.req.url, config);
      if (address === null) throw unknownRoute(c.req.method);
      c.set("route", `GET ${path}`);
      return Response.json(await document(address), { headers: PUBLIC_HEADERS });
    });
  };
  serve(WELL_KNOWN_PATHS.keys, () => issuer.publicKeys());
  serve(WELL_KNOWN_PATHS.openId, metadataOf);
  serve(WELL_KNOWN_PATHS.oauth, metadataOf);
  return app;
}
