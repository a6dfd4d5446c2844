import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ApiKeys, Caller } from "../../keys/api-keys.ts";
import { Problem } from "../../problems.ts";
import type { IdempotencyKey } from "../../verification/idempotency-key.ts";
import type { AppEnv } from "../app-env.ts";
import { parseJson } from "../json.ts";
import type { Endpoint } from "./endpoint.ts";

const LARGEST_BODY_BYTES = 64 * 1024;

/** Printable ASCII, with or without the quotes of a structured-field string. */
const IDEMPOTENCY_KEY_PATTERN = /^"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?$/;

/**
 * Puts endpoints on the app, each behind the same gates in the same order: who is it (401), may it (403),
 * how large is it (413), and only then what does it say (400).
 */
export function mount(app: Hono<AppEnv>, endpoints: readonly Endpoint[], keys: ApiKeys): void {
  app.use("/v1/*", async (c, next) => {
    const caller = await keys.recognise(c.req.header("authorization"));
    if (caller === null) throw new Problem("unauthorized");
    c.set("caller", caller);
    await next();
  });
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/\{(\w+)\}/g, ":$1");
    app.on(
      endpoint.method.toUpperCase(),
      path,
      async (c, next) => {
        c.get("log").route = `${endpoint.method.toUpperCase()} ${endpoint.path}`;
        if (!c.get("caller").scopes.includes(endpoint.scope)) {
          throw new Problem("forbidden", { detail: `This call needs the scope ${endpoint.scope}.` });
        }
        await next();
      },
      // A body that nobody reads has no size; the platform allows none with a GET.
      endpoint.body === undefined ? (_, next) => next() : limitOf(endpoint),
      (c) => answer(c, endpoint, c.get("caller")),
    );
  }
}

function limitOf({ largestBodyBytes: maxSize = LARGEST_BODY_BYTES }: Endpoint) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem("payload_too_large", { detail: `The limit is ${maxSize} bytes.` });
    },
  });
}

async function answer(c: Context<AppEnv>, endpoint: Endpoint, caller: Caller): Promise<Response> {
  const body = endpoint.body === undefined ? undefined : await readBody(c);
  const reply = await endpoint.answer({
    body,
    query: c.req.query(),
    id: c.req.param("id") ?? "",
    delivery: c.req.param("delivery") ?? "",
    name: c.req.param("name") ?? "",
    caller,
    idempotencyKey: endpoint.acceptsIdempotencyKey ? readIdempotencyKey(c, caller, body) : null,
    background: (work) => c.executionCtx.waitUntil(work.catch(() => {})),
  });
  c.get("log").outcome = reply.outcome;
  if (reply.to !== undefined) c.get("log").to = reply.to;
  return reply.status === 204 ? c.body(null, 204) : c.json(reply.body ?? null, reply.status);
}

async function readBody(c: Context<AppEnv>): Promise<unknown> {
  const raw = await c.req.arrayBuffer();
  return raw.byteLength === 0 ? undefined : parseJson(raw);
}

function readIdempotencyKey(c: Context<AppEnv>, caller: Caller, body: unknown): IdempotencyKey | null {
  const header = c.req.header("idempotency-key");
  if (header === undefined) return null;
  const key = IDEMPOTENCY_KEY_PATTERN.exec(header)?.[1];
  if (key === undefined) {
    throw new Problem("invalid_request", {
      detail:
        "Idempotency-Key takes 1 to 255 printable ASCII characters, spaces, quotes and backslashes excepted.",
    });
  }
  return { caller: caller.id, key, content: JSON.stringify(body ?? null) };
}
