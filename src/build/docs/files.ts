import { html } from "hono/html";
import * as z from "zod";
import { ORIGIN } from "../../http/docs/origin.ts";
import { definitions } from "../../http/v1/index.ts";
import { policySchema } from "../../phone-number/policy.ts";
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
  const calls = Object.values(definitions(policies, false));
  const document = describeApi(calls, ORIGIN);
  const page = Page({ document, endpoints: calls, origin: ORIGIN, stylesheet: stylesheetAddress() });
  return {
    "openapi.json": JSON.stringify(document),
    "docs.html": String(await html`<!doctype html>${page}`),
    "docs/style.css": STYLESHEET,
  };
}
