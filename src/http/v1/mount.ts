import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { IdempotencyKey } from "../../ids/idempotency-key.ts";
import type { ApiKeys, Caller } from "../../keys/api-keys.ts";
import { Problem } from "../../platform/problem.ts";
import type { AppEnv } from "../context.ts";
import { parseJson } from "../json.ts";
import type { Endpoint } from "./endpoint.ts";

const LARGEST_BODY_BYTES = 64 * 1024;

/** Printable ASCII, with or without the quotes of a structured-field string. */
const IDEMPOTENCY_KEY_PATTERN = /^"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?$/;

/**
 * Puts endpoints on the app, each behind the same gates in the same order: who is it (401), may it (403),
 * how large is it (413), and only then what does it say (400). Strangers are not told what there is, either.
 */
export function mount(app: Hono<AppEnv>, endpoints: readonly Endpoint[], keys: ApiKeys): void {
  for (const endpoint of endpoints) {
    const method = endpoint.method.toUpperCase();
    const route = `${method} ${endpoint.path}`;
    const limit = limitOf(endpoint);
    app.on(method, endpoint.path.replace(/\{(\w+)\}/g, ":$1"), async (c) => {
      c.env.route = route;
      const caller = await callerOf(c, keys);
      if (!caller.scopes.includes(endpoint.scope)) {
        throw new Problem("forbidden", { detail: `This call needs the scope ${endpoint.scope}.` });
      }
      // A body that nobody reads has no size; the platform allows none with a GET.
      if (endpoint.body === undefined) return answer(c, endpoint, caller, undefined);
      await limit(c, async () => {});
      return answer(c, endpoint, caller, await readBody(c));
    });
  }
  app.notFound(async (c) => {
    if (/^\/v1(\/|$)/.test(c.req.path)) await callerOf(c, keys);
    throw new Problem("not_found", { detail: `There is no ${c.req.method} here.` });
  });
}

async function callerOf(c: Context<AppEnv>, keys: ApiKeys): Promise<Caller> {
  const caller = await keys.authenticate(c.req.raw.headers.get("authorization"));
  if (caller === null) throw new Problem("unauthorized");
  return caller;
}

function limitOf({ largestBodyBytes: maxSize = LARGEST_BODY_BYTES }: Endpoint) {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new Problem("payload_too_large", { detail: `The limit is ${maxSize} bytes.` });
    },
  });
}

async function readBody(c: Context<AppEnv>): Promise<unknown> {
  const raw = await c.req.raw.arrayBuffer();
  return raw.byteLength === 0 ? undefined : parseJson(raw);
}

async function answer(
  c: Context<AppEnv>,
  endpoint: Endpoint,
  caller: Caller,
  body: unknown,
): Promise<Response> {
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
  c.env.outcome = reply.outcome;
  c.env.to = reply.to;
  const { status } = reply;
  return status === 204 ? new Response(null, { status }) : Response.json(reply.body ?? null, { status });
}

function readIdempotencyKey(c: Context<AppEnv>, caller: Caller, body: unknown): IdempotencyKey | null {
  const header = c.req.raw.headers.get("idempotency-key");
  if (header === null) return null;
  const key = IDEMPOTENCY_KEY_PATTERN.exec(header)?.[1];
  if (key === undefined) {
    throw new Problem("invalid_request", {
      detail:
        "Idempotency-Key takes 1 to 255 printable ASCII characters, spaces, quotes and backslashes excepted.",
    });
  }
  return { caller: caller.id, key, content: JSON.stringify(body ?? null) };
}
