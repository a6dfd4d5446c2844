import { html } from "hono/html";
import * as z from "zod";
import { policySchema } from "../../phone-number/policy.ts";
import { definitions } from "../v1/index.ts";
import { describeApi } from "./openapi.ts";
import { ORIGIN } from "./origin.ts";
import { Page } from "./page.tsx";
import { STYLESHEET, stylesheetAddress } from "./stylesheet.ts";

const purposesSchema = z.record(z.string(), policySchema);

/**
 * The API's description, out of the very definitions that answer requests.
 * @param purposes the deployment's `PURPOSES`, which the description names. Throws a ZodError when they are none.
 * @returns texts by their paths in the directory of assets
 */
export async function documentationFiles(purposes: unknown): Promise<Readonly<Record<string, string>>> {
  const policies = new Map(Object.entries(purposesSchema.parse(purposes)));
  const calls = Object.values(definitions(policies, false));
  const document = describeApi(calls, ORIGIN);
  const page = Page({ document, endpoints: calls, origin: ORIGIN, stylesheet: stylesheetAddress() });
  return {
    "openapi.json": JSON.stringify(document),
    "docs.html": String(await html`<!doctype html>${page}`),
    "docs/style.css": STYLESHEET,
  };
}
