import * as z from "zod";
import {
  type CreateDocumentOptions,
  createDocument,
  type oas31,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import type { CompatibleDialect } from "../../http/dialect.ts";
import { PROBLEMS, type ProblemCode } from "../../platform/problem.ts";
import { verificationBody } from "../../wire/verification.ts";
import type { DocumentedEndpoint } from "./documented.ts";
import { ANSWERS } from "./examples/answers.ts";
import { describeWebhooks } from "./webhooks.ts";

const problemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
    provider: z
      .object({
        channel: z.string(),
        code: z.string(),
        subcode: z.string().optional(),
        title: z.string(),
        details: z.string().optional(),
        template: z.string().optional(),
        language: z.string().optional(),
      })
      .optional(),
    verification: verificationBody.optional().meta({
      description:
        "With resend_too_soon and send_limit_reached: the verification that is pending for the same request.",
    }),
  })
  .meta({ id: "Problem", description: "Problem details (RFC 9457)." });

const idempotencyHeader = z.object({
  "Idempotency-Key": z
    .string()
    .optional()
    .meta({ description: "Your own name for this request, which makes repeating it harmless for 24 hours." }),
});

/** What stands in a path, by the parameter's name; the others are ids. */
const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  ServiceSid: "A purpose's name, or the SID of its service.",
  Sid: "A verification's SID, or its number.",
};

function inPath(name: string): z.ZodType {
  return z.string().meta({ description: PATH_PARAMETERS[name] ?? "As an earlier answer gave it." });
}

/** Describes an API in OpenAPI 3.1, with the schemas that validate its requests. */
export function describeApi(endpoints: readonly DocumentedEndpoint[], origin: string): oas31.OpenAPIObject {
  const paths: ZodOpenApiPathsObject = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  }
  const document: ZodOpenApiObject = {
    openapi: "3.1.1",
    info: {
      title: "Sandi",
      version: "1",
      description: "Phone verification over WhatsApp, on your own Cloudflare account.",
    },
    servers: [{ url: origin }],
    security: [{ apiKey: [] }],
    paths,
    webhooks: describeWebhooks(),
    components: {
      securitySchemes: { apiKey: { type: "http", scheme: "bearer" }, ...credentialsOf(endpoints) },
    },
  };
  return createDocument(document, { override: leaveRoomForFields });
}

/**
 * Answers and events may get fields in later versions, so their objects are open. This also makes an object that is in
 * both one component: zod-openapi describes the bodies of events as input.
 */
const leaveRoomForFields: NonNullable<CreateDocumentOptions["override"]> = ({
  zodSchema: { _zod },
  jsonSchema,
  io,
}) => {
  const isPlain = _zod.def.type === "object" && _zod.def.catchall === undefined;
  if (io === "output" && isPlain) delete jsonSchema.additionalProperties;
};

/** The security schemes of the other dialects. */
function credentialsOf(endpoints: readonly DocumentedEndpoint[]): CompatibleDialect["credentials"] {
  return Object.assign({}, ...endpoints.map(({ dialect }) => dialect?.credentials));
}

function operation(endpoint: DocumentedEndpoint): ZodOpenApiOperationObject {
  const {
    operationId,
    summary,
    description,
    signed,
    scope,
    params = {},
    query,
    body,
    example,
    dialect,
  } = endpoint;
  const described: ZodOpenApiOperationObject = {
    operationId,
    tags: [groupOf(endpoint)],
    summary,
    description: signed || scope === undefined ? description : `${description} Needs the scope \`${scope}\`.`,
    requestParams: {
      path: z.object(Object.fromEntries(Object.keys(params).map((name) => [name, inPath(name)]))),
      query: objectOf(query ?? z.object({})),
      header: endpoint.acceptsIdempotencyKey ? idempotencyHeader : z.object({}),
    },
    responses: answers(endpoint),
  };
  if (dialect !== undefined) {
    described.security = Object.keys(dialect.credentials).map((name) => ({ [name]: [] }));
  }
  if (body === undefined) return described;
  return {
    ...described,
    requestBody: {
      required: !body.safeParse(undefined).success,
      content: { [dialect?.bodyType ?? "application/json"]: { schema: body, example } },
    },
  };
}

/** Every query is an object; the common type of all definitions does not say so. */
function objectOf(query: z.ZodType): z.ZodObject {
  if (query instanceof z.ZodObject) return query;
  throw new Error("The query of an endpoint is not an object");
}

/** What an endpoint is about, as its path names it, such as `verifications`; or whose dialect it speaks. */
export function groupOf({ path, dialect }: DocumentedEndpoint): string {
  return dialect?.tag ?? path.split("/")[2] ?? "";
}

/** An example of an answer: null for an answer without a body, undefined where none is written. */
export function exampleOf({ operationId }: DocumentedEndpoint, status: string): object | null | undefined {
  return ANSWERS[operationId]?.[Number(status)];
}

/** By status; a dialect may answer errors with that of a success. */
function answers(endpoint: DocumentedEndpoint): ZodOpenApiResponsesObject {
  const failed = new Map(Object.entries(problems(endpoint)));
  const succeeded = Object.entries(successes(endpoint)).map(([status, answer]) => {
    const also = failed.get(status)?.description;
    return [
      status,
      also === undefined ? answer : { ...answer, description: `${answer.description} ${also}` },
    ];
  });
  return { ...Object.fromEntries(failed), ...Object.fromEntries(succeeded) };
}

function successes(endpoint: DocumentedEndpoint): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    Object.entries(endpoint.responses).map(([status, { description, schema }]) => {
      if (schema === undefined) return [status, { description }];
      const example = exampleOf(endpoint, status) ?? undefined;
      return [status, { description, content: { "application/json": { schema, example } } }];
    }),
  );
}

/** The problems of the gates that every endpoint is behind, and those of the endpoint. */
function problemCodes({ body, problems = [] }: DocumentedEndpoint): readonly ProblemCode[] {
  const ofInput: readonly ProblemCode[] =
    body === undefined ? ["invalid_request"] : ["invalid_request", "payload_too_large"];
  return ["unauthorized", "forbidden", ...ofInput, ...problems, "internal", "unavailable"];
}

/** An answer of an endpoint that is no success. */
export interface DescribedError {
  readonly status: number;
  /** Of this API; null in another system's dialect. */
  readonly code: ProblemCode | null;
  readonly description: string;
}

/** Every error that an endpoint may answer. */
export function errorsOf(endpoint: DocumentedEndpoint): readonly DescribedError[] {
  if (endpoint.errors !== undefined) {
    return endpoint.errors.map(([status, description]) => ({ status, code: null, description }));
  }
  return problemCodes(endpoint).map((code) => {
    const [status, description] = describeError(endpoint, code);
    return { status, code: endpoint.dialect === undefined ? code : null, description };
  });
}

/** How an endpoint's dialect answers a problem: the status, and a sentence that begins with the code. */
function describeError(
  { dialect }: DocumentedEndpoint,
  code: ProblemCode,
): readonly [status: number, description: string] {
  return dialect?.describeError?.(code) ?? [PROBLEMS[code][0], `\`${code}\`: ${PROBLEMS[code][1]}.`];
}

function problems(endpoint: DocumentedEndpoint): ZodOpenApiResponsesObject {
  const { dialect } = endpoint;
  const content = {
    [dialect?.errorType ?? "application/problem+json"]: { schema: dialect?.errorBody ?? problemBody },
  };
  return Object.fromEntries(
    [...Map.groupBy(errorsOf(endpoint), ({ status }) => status)].map(([status, described]) => {
      const description = [...new Set(described.map((error) => error.description))].join(" ");
      return [String(status), { description, content }];
    }),
  );
}
