import * as z from "zod";
import { PROBLEMS, type ProblemCode } from "../../platform/problem.ts";
import type { EndpointDefinition as Endpoint } from "../endpoint.ts";
import { Components, type OpenApiDocument, type Operation } from "./components.ts";

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
      .object({ channel: z.string(), code: z.string(), subcode: z.string().optional(), title: z.string() })
      .optional(),
  })
  .meta({ id: "Problem", description: "Problem details (RFC 9457)." });

const idempotencyHeader = z.object({
  "Idempotency-Key": z
    .string()
    .optional()
    .meta({ description: "Your own name for this request, which makes repeating it harmless for 24 hours." }),
});

const idInPath = z.string().meta({ description: "As an earlier answer gave it." });

/** Describes the API at an origin in OpenAPI 3.1, out of the very schemas that validate its requests. */
export function describeApi(endpoints: readonly Endpoint[], origin: string): OpenApiDocument {
  const components = new Components();
  const paths: Record<string, OpenApiDocument["paths"][string]> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint, components) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Sandi",
      version: "1",
      description: "Phone verification over WhatsApp, on your own Cloudflare account.",
    },
    servers: [{ url: origin }],
    security: [{ apiKey: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { apiKey: { type: "http", scheme: "bearer" } },
    },
  };
}

function operation(endpoint: Endpoint, components: Components): Operation {
  const { operationId, summary, description, scope, path, body, query, example } = endpoint;
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, idInPath] as const);
  return {
    operationId,
    tags: [groupOf(endpoint)],
    summary,
    description: `${description} Needs the scope \`${scope}\`.`,
    parameters: [
      ...components.parameters("path", z.object(Object.fromEntries(ids))),
      ...(query ? components.parameters("query", query) : []),
      ...(endpoint.acceptsIdempotencyKey ? components.parameters("header", idempotencyHeader) : []),
    ],
    ...(body && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: {
          "application/json": {
            schema: components.schema(body, "input"),
            ...(example !== undefined && { example }),
          },
        },
      },
    }),
    responses: { ...successes(endpoint, components), ...problems(endpoint, components) },
  };
}

/** The things that a call is about, as its path names them: `verifications`. */
export function groupOf({ path }: Endpoint): string {
  return path.split("/")[2] ?? "";
}

function successes({ responses }: Endpoint, components: Components): Operation["responses"] {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { description, schema }]) => [
      status,
      {
        description,
        ...(schema && { content: { "application/json": { schema: components.schema(schema, "output") } } }),
      },
    ]),
  );
}

/** What every call may answer, by the gates it stands behind, and what this one may besides. */
export function problemCodes(endpoint: Endpoint): readonly ProblemCode[] {
  const withInput: ProblemCode[] = ["invalid_request"];
  const withBody: ProblemCode[] = endpoint.body === undefined ? [] : ["payload_too_large"];
  return ["unauthorized", "forbidden", ...withInput, ...withBody, ...endpoint.problems, "internal"];
}

function problems(endpoint: Endpoint, components: Components): Operation["responses"] {
  const content = { "application/problem+json": { schema: components.schema(problemBody, "output") } };
  const byStatus = Map.groupBy(problemCodes(endpoint), (code) => PROBLEMS[code][0]);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(" "),
        content,
      },
    ]),
  );
}
