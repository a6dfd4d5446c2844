import type { Context } from "hono";
import { Hono } from "hono/tiny";
import type { IdempotencyKey } from "../ids/idempotency-key.ts";
import type { Caller } from "../keys/caller.ts";
import { Problem } from "../platform/problem.ts";
import { audited, isAudited, type Recorder } from "./audit.ts";
import { unknownRoute } from "./base-app.ts";
import { limitBody, parseJson } from "./body.ts";
import type { AppEnv } from "./context.ts";
import type { Dialect } from "./dialect.ts";
import type { Endpoint, Reply } from "./endpoint.ts";
import { errorHandler } from "./errors.ts";

const LARGEST_BODY_BYTES = 64 * 1024;

/** Printable ASCII, with or without the quotes of a structured-field string. */
const IDEMPOTENCY_KEY_PATTERN = /^"?([\x21\x23-\x5b\x5d-\x7e]{1,255})"?$/;

/** Endpoints of one dialect, with how they authenticate. */
export interface Mount {
  readonly dialect: Dialect;
  readonly endpoints: readonly Endpoint[];
  /** Null for credentials that are missing, unknown or revoked. */
  readonly authenticate: (request: Request) => Promise<Caller | null>;
  /** The same for the endpoints whose sender signs the body. Required where one is `signed`. */
  readonly authenticateBody?: (raw: ArrayBuffer, request: Request) => Promise<Caller | null>;
  /** The caller, acting for the app that the request names. Throws a problem for an app that it may not name. */
  readonly refine?: (caller: Caller, request: Request) => Caller;
  /** Records the administrative writes. Absent for a mount that has none. */
  readonly recorder?: Recorder;
}

/**
 * Builds the routes of a mount. Each request passes the same gates in the same order: authentication (401), scope (403),
 * size of the body (413), and only then parsing (400). Where the body is signed, its size comes first. Without a key,
 * unknown paths are answered with 401 as well, so that strangers do not learn which paths exist. Everything under the
 * prefix is answered in the mount's dialect.
 */
export function mount(options: Mount): Hono<AppEnv> {
  const { dialect, endpoints, authenticate, authenticateBody, refine, recorder } = options;
  const app = new Hono<AppEnv>();
  const answerError = errorHandler(dialect.renderError);
  const read = dialect.readBody ?? readJson;
  const toResponse = responder(dialect);
  // Cheaper than a group's `onError`, for which Hono composes a chain around each of the group's handlers.
  const inDialect = (handle: (c: Context<AppEnv>) => Promise<Response>) => (c: Context<AppEnv>) =>
    handle(c).catch((error) => answerError(error, c));
  const callerOf = async (c: Context<AppEnv>): Promise<Caller> => {
    const caller = await authenticate(c.req.raw);
    if (caller === null) throw new Problem("unauthorized");
    c.set("caller", caller.id);
    return caller;
  };
  for (const endpoint of endpoints) {
    const { definition } = endpoint;
    const method = definition.method.toUpperCase();
    const route = `${method} ${definition.path}`;
    const limit = limitBody(definition.largestBodyBytes ?? LARGEST_BODY_BYTES);
    const admit = (authenticated: Caller, request: Request): Caller => {
      if (!authenticated.scopes.includes(definition.scope)) {
        throw new Problem("forbidden", { detail: `This call needs the scope ${definition.scope}.` });
      }
      return refine === undefined ? authenticated : refine(authenticated, request);
    };
    const handle = async (c: Context<AppEnv>): Promise<Response> => {
      c.set("route", route);
      const caller = admit(await callerOf(c), c.req.raw);
      // A body that is not read has no size to check; the platform allows none with a GET.
      if (definition.body === undefined) {
        return toResponse(await answer(c, endpoint, caller, undefined, recorder), c);
      }
      await limit(c, async () => {});
      const body = read(await c.req.raw.arrayBuffer(), c.req.raw);
      return toResponse(await answer(c, endpoint, caller, body, recorder), c);
    };
    const handleSigned = async (c: Context<AppEnv>): Promise<Response> => {
      c.set("route", route);
      await limit(c, async () => {});
      const raw = await c.req.raw.arrayBuffer();
      const authenticated = (await authenticateBody?.(raw, c.req.raw)) ?? null;
      if (authenticated === null) throw new Problem("unauthorized");
      c.set("caller", authenticated.id);
      const caller = admit(authenticated, c.req.raw);
      return toResponse(await answer(c, endpoint, caller, read(raw, c.req.raw), recorder), c);
    };
    const path = definition.path.replace(/\{(\w+)\}/g, ":$1");
    app.on(method, path, inDialect(definition.signed === true ? handleSigned : handle));
  }
  const handleUnknown = async (c: Context<AppEnv>): Promise<Response> => {
    await callerOf(c);
    const detail = dialect.explainUnknown?.(c.req.raw);
    throw detail === undefined ? unknownRoute(c.req.method) : new Problem("not_found", { detail });
  };
  app.all(`${dialect.prefix}/*`, inDialect(handleUnknown));
  return app;
}

function readJson(raw: ArrayBuffer): unknown {
  return raw.byteLength === 0 ? undefined : parseJson(raw);
}

async function answer(
  c: Context<AppEnv>,
  endpoint: Endpoint,
  caller: Caller,
  body: unknown,
  recorder: Recorder | undefined,
): Promise<Reply> {
  const { definition } = endpoint;
  const { acceptsIdempotencyKey = false, params = {} } = definition;
  const request = endpoint.parse({
    param: (name) => c.req.param(name) ?? "",
    query: c.req.query(),
    body,
    caller,
    idempotencyKey: acceptsIdempotencyKey ? readIdempotencyKey(c, caller, body) : null,
    background: (work) => c.executionCtx.waitUntil(work.catch(() => {})),
    request: c.req.raw,
  });
  const ids = () => Object.keys(params).map((name) => c.req.param(name) ?? "");
  const reply =
    recorder !== undefined && isAudited(definition)
      ? await audited(endpoint, request, ids(), recorder)
      : await endpoint.handle(request);
  c.set("outcome", reply.outcome);
  c.set("to", reply.to ?? undefined);
  return reply;
}

/** How a dialect sends a reply. */
function responder({ headersFor }: Dialect): (reply: Reply, c: Context<AppEnv>) => Response {
  if (headersFor === undefined) return toResponse;
  return (reply, c) => {
    const headers = { ...reply.headers, ...headersFor(c.req.raw, c.get("requestId")) };
    return toResponse({ ...reply, headers });
  };
}

function toResponse({ status, body, headers }: Reply): Response {
  const init = headers === undefined ? { status } : { status, headers };
  return status === 204 ? new Response(null, init) : Response.json(body ?? null, init);
}

function readIdempotencyKey(c: Context<AppEnv>, caller: Caller, body: unknown): IdempotencyKey | null {
  const header = c.req.raw.headers.get("idempotency-key");
  if (header === null) return null;
  const key = IDEMPOTENCY_KEY_PATTERN.exec(header)?.[1];
  if (key === undefined) {
    throw new Problem("invalid_request", {
      detail:
        "Idempotency-Key takes 1 to 255 printable ASCII characters except spaces, quotes and backslashes.",
    });
  }
  const { app, id } = caller;
  const { method, path } = c.req;
  return { app, caller: id, method, path, key, content: JSON.stringify(body ?? null) };
}
