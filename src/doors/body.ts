import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { Problem } from "../problems.ts";
import type { AppEnv } from "./app-env.ts";
import { parseJson } from "./json.ts";

/**
 * Reads a request's body as JSON; undefined where there is none. Throws the problem that it is larger than
 * allowed, before it is read, or that it is no JSON.
 */
export async function readBody(c: Context<AppEnv>, maxSize: number): Promise<unknown> {
  const declared = c.req.raw.headers.get("content-length");
  if (declared === null) await limitUndeclared(c, maxSize);
  else if (Number(declared) > maxSize) throw tooLarge(maxSize);
  const raw = await c.req.raw.arrayBuffer();
  return raw.byteLength === 0 ? undefined : parseJson(raw);
}

/** A body in chunks says its size when it ends, or never: it is counted as it comes. */
async function limitUndeclared(c: Context<AppEnv>, maxSize: number): Promise<void> {
  const limit = bodyLimit({
    maxSize,
    onError: () => {
      throw tooLarge(maxSize);
    },
  });
  await limit(c, async () => {});
}

function tooLarge(maxSize: number): Problem {
  return new Problem("payload_too_large", { detail: `The limit is ${maxSize} bytes.` });
}
