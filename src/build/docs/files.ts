import { createHash } from "node:crypto";
import { html } from "hono/html";
import * as z from "zod";
import { COMPATIBLE_APIS } from "../../http/compatible-apis.ts";
import { PLACEHOLDERS } from "../../http/documentation.ts";
import { definitions } from "../../http/v1/index.ts";
import { policySchema } from "../../phone-number/policy.ts";
import { documentedEndpoints } from "./documented.ts";
import { Home } from "./home.tsx";
import { describeApi } from "./openapi.ts";
import { OPENID_ENDPOINTS } from "./openid/endpoints.ts";
import { Page } from "./page.tsx";
import { STYLESHEET } from "./stylesheet.ts";

const purposesSchema = z.record(z.string(), policySchema);

/**
 * The description of the API, made of the definitions that its requests are checked by.
 * @param purposes The deployment's `PURPOSES`, which the description names. Throws a ZodError if they are invalid.
 * @param script The page's script.
 * @returns Texts by their paths in the directory of assets.
 */
export async function documentationFiles(
  purposes: unknown,
  script: string,
): Promise<Readonly<Record<string, string>>> {
  const policies = new Map(Object.entries(purposesSchema.parse(purposes)));
  const endpoints = documentedEndpoints(definitions(policies, false));
  const compatible = COMPATIBLE_APIS.flatMap((api) => documentedEndpoints(api.definitions(policies)));
  const { origin, simulator } = PLACEHOLDERS;
  const stylesheet = versioned("/docs/style.css", STYLESHEET);
  const all = [...endpoints, ...OPENID_ENDPOINTS, ...compatible];
  const document = describeApi(all, origin);
  return {
    "openapi.json": JSON.stringify(document),
    "docs.html": await toHtml(
      Page({
        document,
        endpoints: all,
        origin,
        stylesheet,
        script: versioned("/docs/script.js", script),
      }),
    ),
    "docs/style.css": STYLESHEET,
    "docs/script.js": script,
    "index.html": await toHtml(Home({ origin, stylesheet, simulator: null })),
    "development.html": await toHtml(Home({ origin, stylesheet, simulator })),
  };
}

/** The address changes with the content, so that browsers can cache the file for good. */
function versioned(path: string, content: string): string {
  const version = createHash("sha256").update(content).digest("base64url").slice(0, 12);
  return `${path}?v=${version}`;
}

async function toHtml(page: ReturnType<typeof Home>): Promise<string> {
  return String(await html`<!doctype html>${page}`);
}
