import type { ProblemCode } from "../../platform/problem.ts";
import type { EndpointDefinition as Endpoint } from "../endpoint.ts";
import type { Content, OpenApiDocument, Operation, Parameter } from "./components.ts";
import { groupOf, problemCodes } from "./openapi.ts";
import { componentName, type Schema } from "./schema.ts";

export interface DescribedBody {
  /** The component that the schema is, if it is one. */
  readonly name: string | null;
  readonly schema: Schema;
  readonly required: boolean;
}

export interface DescribedAnswer {
  readonly status: string;
  readonly description: string;
  readonly schema: Schema | null;
}

/** One call as the page shows it: the endpoint, with its schemas as the OpenAPI document spells them. */
export interface DescribedCall {
  readonly endpoint: Endpoint;
  readonly group: string;
  /** Parameters as the fields of an object, by where they stand. */
  readonly path: Schema;
  readonly query: Schema;
  readonly header: Schema;
  readonly body: DescribedBody | null;
  readonly answers: readonly DescribedAnswer[];
  readonly problems: readonly ProblemCode[];
}

/** Reads one call out of the document that its endpoint is part of. */
export function describeCall(document: OpenApiDocument, endpoint: Endpoint): DescribedCall {
  const operation = document.paths[endpoint.path]?.[endpoint.method];
  return {
    endpoint,
    group: groupOf(endpoint),
    path: parameters(operation, "path"),
    query: parameters(operation, "query"),
    header: parameters(operation, "header"),
    body: body(operation, document),
    answers: Object.keys(endpoint.responses).map((status) => answer(operation, status)),
    problems: problemCodes(endpoint),
  };
}

function parameters(operation: Operation | undefined, place: Parameter["in"]): Schema {
  const here = (operation?.parameters ?? []).filter((it) => it.in === place);
  return {
    properties: Object.fromEntries(here.map(({ name, schema }) => [name, schema])),
    required: here.filter((it) => it.required).map((it) => it.name),
  };
}

function body(operation: Operation | undefined, { components }: OpenApiDocument): DescribedBody | null {
  if (operation?.requestBody === undefined) return null;
  const { content, required } = operation.requestBody;
  const schema = jsonSchema(content) ?? {};
  const name = componentName(schema);
  return { name, schema: name === null ? schema : (components.schemas[name] ?? {}), required };
}

function answer(operation: Operation | undefined, status: string): DescribedAnswer {
  const { description = "", content } = operation?.responses[status] ?? {};
  return { status, description, schema: jsonSchema(content) };
}

function jsonSchema(content: Content | undefined): Schema | null {
  return content?.["application/json"]?.schema ?? null;
}
