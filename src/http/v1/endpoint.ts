import * as z from "zod";
import type { IdempotencyKey } from "../../ids/idempotency-key.ts";
import type { Caller, Scope } from "../../keys/api-keys.ts";
import type { E164 } from "../../numbering/e164.ts";
import type { Background } from "../../platform/background.ts";
import type { ProblemCode } from "../../platform/problem.ts";
import { parseInput } from "./parse-input.ts";

/** What a handler is given. Body and query are as their schemas read them. */
export interface Call<Body, Query> {
  readonly body: Body;
  readonly query: Query;
  /** The `{id}` of the path, as it came; empty where the path has none. */
  readonly id: string;
  /** The `{delivery}` of the path, likewise. */
  readonly delivery: string;
  /** The `{name}` of the path, likewise. */
  readonly name: string;
  readonly caller: Caller;
  readonly idempotencyKey: IdempotencyKey | null;
  readonly background: Background;
}

export interface Reply {
  readonly status: 200 | 201 | 202 | 204;
  readonly body?: object;
  /** For the log line: what came of it, and for which number. */
  readonly outcome: string;
  readonly to?: E164;
}

interface Definition<Body extends z.ZodType, Query extends z.ZodType> {
  readonly operationId: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** In OpenAPI's spelling: `/v1/verifications/{id}`. */
  readonly path: string;
  readonly scope: Scope;
  readonly summary: string;
  readonly description: string;
  /** Absent for a call without a body; a schema that accepts `undefined` makes the body optional. */
  readonly body?: Body;
  /** A body for the documentation's curl line; it has to be valid. */
  readonly example?: z.input<Body>;
  readonly query?: Query;
  readonly acceptsIdempotencyKey?: boolean;
  /** For the few bodies that need more than 64 KB. */
  readonly largestBodyBytes?: number;
  readonly responses: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType }>>;
  /** What it may answer besides the problems that every call may. */
  readonly problems: readonly ProblemCode[];
  handle(call: Call<z.output<Body>, z.output<Query>>): Promise<Reply>;
}

/** One call of the API: what documents it is what checks it and what answers it. */
export interface Endpoint extends Omit<Definition<z.ZodType, z.ZodType>, "handle"> {
  answer(call: Call<unknown, unknown>): Promise<Reply>;
}

const NOTHING = z.undefined();
const NO_QUERY = z.strictObject({});

/** Defines an endpoint; its handler sees the input only as the schemas have read it. */
export function endpoint<Body extends z.ZodType = typeof NOTHING, Query extends z.ZodType = typeof NO_QUERY>({
  handle,
  ...definition
}: Definition<Body, Query>): Endpoint {
  return {
    ...definition,
    async answer(call) {
      const query = parseInput(definition.query ?? NO_QUERY, call.query) as z.output<Query>;
      const body = parseInput(definition.body ?? NOTHING, call.body) as z.output<Body>;
      return handle({ ...call, query, body });
    },
  };
}
