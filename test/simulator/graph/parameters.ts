import type { Context, Env } from "hono";
import type * as z from "zod";
import { requestJson, validated } from "./request-body.ts";

/**
 * The parameters of a call, which Graph takes from the query, from a form and from JSON alike.
 * @throws GraphError 100 that names the first parameter at fault
 */
export async function parameters<T extends z.ZodType, E extends Env>(
  c: Context<E>,
  schema: T,
): Promise<z.infer<T>> {
  return validated(Object.assign({}, c.req.query(), await bodyParameters(c)), schema);
}

async function bodyParameters<E extends Env>(c: Context<E>): Promise<unknown> {
  const type = c.req.header("Content-Type") ?? "";
  if (/form-urlencoded|form-data/.test(type)) return c.req.parseBody();
  return (await c.req.text()) === "" ? {} : requestJson(c.req);
}
