import * as z from "zod";
import type { IdempotencyKey } from "../ids/idempotency-key.ts";
import type { AuditEntry } from "../journal/audit.ts";
import type { Caller, Scope } from "../keys/caller.ts";
import type { E164 } from "../numbering/e164.ts";
import type { Background } from "../platform/async.ts";
import { Problem, type ProblemCode } from "../platform/problem.ts";
import type { CompatibleDialect } from "./dialect.ts";
import { parseInput } from "./parse-input.ts";

/** By the names in the path: each reads one parameter, and returns null for a text that names nothing. */
type ParamParsers = Readonly<Record<string, (text: string) => unknown>>;
type NoParams = Readonly<Record<never, never>>;
type Params<Parsers extends ParamParsers> = {
  readonly [name in keyof Parsers]: NonNullable<ReturnType<Parsers[name]>>;
};

const NO_QUERY = z.strictObject({});
const NO_BODY = z.undefined();

/**
 * What is known of an endpoint without running it. The same data checks requests and describes the API, so a module of
 * definitions imports nothing that only exists in the Workers runtime.
 */
export interface EndpointDefinition<
  Parsers extends ParamParsers = ParamParsers,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly operationId: string;
  /** The dialect of another system; absent for an endpoint of this API. */
  readonly dialect?: CompatibleDialect;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As OpenAPI writes it: `/v1/verifications/{id}`. */
  readonly path: `/${string}`;
  readonly scope: Scope;
  /** Read by the build alone; see {@link documented}. */
  readonly docs: EndpointDocs<Body>;
  /** A parameter that its parser rejects is answered with 404. */
  readonly params?: Parsers;
  readonly query?: Query;
  /** Absent for an endpoint without a body; a schema that accepts `undefined` makes the body optional. */
  readonly body?: Body;
  readonly acceptsIdempotencyKey?: boolean;
  /**
   * Why the endpoint is about things that no app owns. Absent for every other endpoint: a caller of another app gets 404
   * or an empty list there, which a test tries for each of them.
   */
  readonly sharedByApps?: string;
  /** Why its calls leave no audit entry. Absent for every administrative write, which leaves one. */
  readonly notAudited?: string;
  /** What a call is about, for its audit entry; the ids in the path by default. Never a whole phone number. */
  auditTarget?(body: z.output<Body>): string | null;
  /** The act goes on when its audit entry cannot be stored; the log has the entry then. */
  readonly actsWithoutAudit?: boolean;
  /** Default: 64 KB. */
  readonly largestBodyBytes?: number;
  /** The sender signs the body, so its size is checked before the signature. */
  readonly signed?: boolean;
}

/** What the description of the API says of an endpoint beyond what its requests are checked by. */
export interface EndpointDocs<Body extends z.ZodType = z.ZodType> {
  readonly summary: string;
  readonly description: string;
  /** A valid body, for the curl line of the documentation. */
  readonly example?: Immutable<z.input<Body>>;
  readonly responses: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType }>>;
  /** What it may answer besides the problems that every endpoint may. */
  readonly problems: readonly ProblemCode[];
}

type Immutable<Value> = Value extends object
  ? { readonly [name in keyof Value]: Immutable<Value[name]> }
  : Value;

/** A request of a caller who may make it, parsed by the endpoint's definition. */
export interface EndpointRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** Null without the header, and for an endpoint that does not accept it. */
  readonly idempotencyKey: IdempotencyKey | null;
  /** The audit entry of an administrative write; null for every other call. */
  readonly audit: AuditEntry | null;
  readonly background: Background;
  /** For a dialect that answers with addresses, or reads headers of its own. Its body has been read. */
  readonly request: Request;
}

/** The same before it is parsed. */
export interface UnparsedRequest extends Omit<EndpointRequest<never, unknown, unknown>, "params" | "audit"> {
  /** A parameter of the path, percent-decoded. */
  param(name: string): string;
}

export interface Reply {
  /** In the dialects of other systems, results such as a wrong code are errors as well. */
  readonly status: 200 | 201 | 202 | 204 | 400 | 404 | 409 | 410;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log line: the result in a word, and the phone number that the request was about. */
  readonly outcome: string;
  readonly to?: E164 | null;
  /** What the call was about, for its audit entry, where only the handler knows it. */
  readonly target?: string;
}

export type Handler<Definition> =
  Definition extends EndpointDefinition<infer Parsers, infer Query, infer Body>
    ? (request: EndpointRequest<Params<Parsers>, z.output<Query>, z.output<Body>>) => Promise<Reply>
    : never;

/** A handler for each definition of a family, or of a function that returns a family, by the same names. */
export type Handlers<Family> = Family extends (...settings: never[]) => infer Definitions
  ? Handlers<Definitions>
  : { readonly [name in keyof Family]: Handler<Family[name]> };

/** An endpoint that can be mounted. */
export interface Endpoint {
  readonly definition: EndpointDefinition;
  /** Throws a {@link Problem} when the request does not fit the definition. */
  readonly parse: (request: UnparsedRequest) => ParsedRequest;
  /** Rejects with a {@link Problem} when the request cannot be fulfilled. */
  readonly handle: (request: ParsedRequest) => Promise<Reply>;
}

/** A request that its endpoint's definition has parsed; only the types of {@link Handlers} know to what. */
export type ParsedRequest = EndpointRequest<Params<ParamParsers>, unknown, unknown>;

/** Infers the types of a definition. */
export function defineEndpoint<
  Parsers extends ParamParsers = NoParams,
  Query extends z.ZodType = typeof NO_QUERY,
  Body extends z.ZodType = typeof NO_BODY,
>(definition: EndpointDefinition<Parsers, Query, Body>): EndpointDefinition<Parsers, Query, Body> {
  return definition;
}

/** Pairs definitions with their handlers, in the order of the definitions. */
export function pair<Definitions extends Readonly<Record<string, EndpointDefinition>>>(
  definitions: Definitions,
  handlers: Handlers<Definitions>,
): readonly Endpoint[] {
  return Object.entries(definitions).map(([name, definition]) => {
    // Only the types of `Handlers` relate a handler to its definition: here, both are looked up by the same name.
    const handle = handlers[name as keyof typeof handlers] as Handler<EndpointDefinition>;
    return { definition, parse: (request) => parseRequest(definition, request), handle };
  });
}

function parseRequest(
  { params = {}, query = NO_QUERY, body = NO_BODY }: EndpointDefinition,
  request: UnparsedRequest,
): ParsedRequest {
  return {
    query: parseInput(query, request.query),
    body: parseInput(body, request.body),
    params: parseParams(params, request),
    caller: request.caller,
    idempotencyKey: request.idempotencyKey,
    audit: null,
    background: request.background,
    request: request.request,
  };
}

function parseParams(parsers: ParamParsers, { param }: UnparsedRequest): Params<ParamParsers> {
  const params: Record<string, NonNullable<unknown>> = {};
  for (const name in parsers) {
    const value = parsers[name]?.(param(name)) ?? null;
    if (value === null) throw new Problem("not_found");
    params[name] = value;
  }
  return params;
}

/** The parser of a parameter that may be any text. */
export function anyText(text: string): string {
  return text;
}

/** The thing, or a thrown `not_found` if there is none. */
export function orNotFound<Thing>(thing: Thing | null): Thing {
  if (thing === null) throw new Problem("not_found");
  return thing;
}
