import type * as z from "zod";
import type { Problem, ProblemCode } from "../platform/problem.ts";

/** Renders a problem in the dialect of a group of routes. */
export type RenderError = (problem: Problem, requestId: string, request: Request) => Response;

/**
 * How a group of endpoints reads bodies and answers errors. A dialect imports nothing that only exists in the Workers
 * runtime, because the description of the API is made of it as well.
 */
export interface Dialect {
  /** Everything under it is answered in this dialect: unknown paths and faults of the deployment included. */
  readonly prefix: `/${string}`;
  readonly renderError: RenderError;
  /** Parses a body, also an empty one; throws a problem that names what is wrong with it. JSON by default. */
  readonly readBody?: (raw: ArrayBuffer, request: Request) => unknown;
  /** Headers of every successful answer. Those of errors are the renderer's. */
  readonly headersFor?: (request: Request, requestId: string) => Readonly<Record<string, string>>;
  /** The detail of the answer to a path that has no endpoint. */
  readonly explainUnknown?: (request: Request) => string;
}

/** The dialect of another system, with what the description of the API says about it. */
export interface CompatibleDialect extends Dialect {
  /** The tag of its endpoints, such as `twilio-verify`. */
  readonly tag: string;
  readonly bodyType: "application/json" | "application/x-www-form-urlencoded";
  readonly errorType: "application/json" | "application/problem+json";
  /** Absent for problem details. */
  readonly errorBody?: z.ZodType;
  /** The credentials that it accepts, any of them, by names that are unique in the description. */
  readonly credentials: Readonly<Record<string, Credentials>>;
  /** The status with which it answers a problem, and the code in the dialect with what it means. */
  describeError(code: ProblemCode): readonly [status: number, description: string];
}

/** A security scheme of OpenAPI. */
export type Credentials = { readonly description: string } & (
  | { readonly type: "http"; readonly scheme: "basic" | "bearer"; readonly bearerFormat?: string }
  | { readonly type: "apiKey"; readonly in: "header"; readonly name: string }
);
