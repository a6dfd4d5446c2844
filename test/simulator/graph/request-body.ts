import type { HonoRequest } from "hono";
import type * as z from "zod";
import { GraphError } from "./errors.ts";

/** Parses a JSON body that a schema describes; refuses it as Graph does. */
export async function requestBody<T extends z.ZodType>(request: HonoRequest, schema: T): Promise<z.infer<T>> {
  return validated(await requestJson(request), schema);
}

/** @throws GraphError 100 for what is not JSON */
export async function requestJson(request: HonoRequest): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new GraphError(100, { message: "(#100) The request body is not valid JSON" });
  }
}

/** @throws GraphError 100 that names the first parameter at fault */
export function validated<T extends z.ZodType>(json: unknown, schema: T): z.infer<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = parameterName(issue?.path ?? []);
  const missing = valueAt(json, issue?.path ?? []) === undefined;
  throw new GraphError(100, {
    message: missing
      ? `(#100) The parameter ${name} is required.`
      : `(#100) Param ${name} is not valid: ${issue?.message}`,
  });
}

/** Graph writes a nested parameter as `template['components'][0]['type']`. */
function parameterName(path: readonly PropertyKey[]): string {
  const [first = "body", ...rest] = path;
  return (
    String(first) +
    rest.map((part) => (typeof part === "number" ? `[${part}]` : `['${String(part)}']`)).join("")
  );
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined),
    json,
  );
}
