import { html } from "hono/html";
import * as z from "zod";
import { COMPATIBLE_APIS } from "../../http/compatible-apis.ts";
import { PLACEHOLDERS } from "../../http/documentation.ts";
import { definitions } from "../../http/v1/index.ts";
import { policySchema } from "../../phone-number/policy.ts";
import { Home } from "./home.tsx";
import { describeApi } from "./openapi.ts";
import { Page } from "./page.tsx";
import { STYLESHEET, stylesheetAddress } from "./stylesheet.ts";

const purposesSchema = z.record(z.string(), policySchema);

/**
 * The description of the API, made of the definitions that its requests are checked by.
 * @param purposes The deployment's `PURPOSES`, which the description names. Throws a ZodError if they are invalid.
 * @returns Texts by their paths in the directory of assets.
 */
export async function documentationFiles(purposes: unknown): Promise<Readonly<Record<string, string>>> {
  const policies = new Map(Object.entries(purposesSchema.parse(purposes)));
  const endpoints = Object.values(definitions(policies, false));
  const compatible = COMPATIBLE_APIS.flatMap((api) => Object.values(api.definitions(policies)));
  const { origin, simulator } = PLACEHOLDERS;
  const stylesheet = stylesheetAddress();
  const document = describeApi([...endpoints, ...compatible], origin);
  return {
    "openapi.json": JSON.stringify(document),
    "docs.html": await toHtml(Page({ document, endpoints, origin, stylesheet })),
    "docs/style.css": STYLESHEET,
    "index.html": await toHtml(Home({ origin, stylesheet, simulator: null })),
    "development.html": await toHtml(Home({ origin, stylesheet, simulator })),
  };
}

async function toHtml(page: ReturnType<typeof Home>): Promise<string> {
  return String(await html`<!doctype html>${page}`);
}
