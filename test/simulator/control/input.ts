import type { Context } from "hono";
import * as z from "zod";

/** Bad input to a control call; becomes a 400. */
export class ControlError extends Error {}

/** E.164; the plus sign may be missing, or a space where a query string was not percent-encoded. */
export const phoneNumber = z
  .string()
  .regex(/^[ +]?[1-9]\d{6,14}$/, "not a phone number")
  .transform((number) => `+${number.replace(/^[ +]/, "")}`);

/** @throws ControlError for invalid JSON or a value that does not match the schema */
export async function body<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  let json: unknown;
  try {
    json = await c.req.json();
  } catch {
    throw new ControlError("the body is not JSON");
  }
  return parsed(schema, json);
}

/** @throws ControlError for a value that does not match the schema */
export function parsed<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (!result.success) throw new ControlError(z.prettifyError(result.error));
  return result.data;
}

/** A query parameter that is a phone number; undefined when it is left out. */
export function numberInQuery(c: Context, name: string): string | undefined {
  const number = c.req.query(name);
  return number === undefined ? undefined : parsed(phoneNumber, number);
}
