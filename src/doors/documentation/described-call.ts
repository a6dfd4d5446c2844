import type { oas32 } from "zod-openapi";
import type { ProblemCode } from "../../problems.ts";
import type { Endpoint } from "../v1/endpoint.ts";
import { groupOf, type OpenApiDocument, problemCodes } from "./openapi.ts";
import { componentName, type Schema, schemaIn } from "./schema.ts";

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
  const operation: oas32.OperationObject = document.paths?.[endpoint.path]?.[endpoint.method] ?? {};
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

function parameters(operation: oas32.OperationObject, place: oas32.ParameterLocation): Schema {
  const here = (operation.parameters ?? []).filter((it) => "in" in it).filter((it) => it.in === place);
  return {
    properties: Object.fromEntries(here.map(({ name, schema }) => [name, schemaIn(schema)])),
    required: here.filter((it) => it.required).map((it) => it.name),
  };
}

function body({ requestBody }: oas32.OperationObject, { components }: OpenApiDocument): DescribedBody | null {
  if (requestBody === undefined || !("content" in requestBody)) return null;
  const schema = jsonSchema(requestBody.content) ?? {};
  const name = componentName(schema);
  return {
    name,
    schema: name === null ? schema : schemaIn(components?.schemas?.[name]),
    required: requestBody.required === true,
  };
}

function answer(operation: oas32.OperationObject, status: string): DescribedAnswer {
  const response: oas32.ResponseObject = operation.responses?.[status] ?? {};
  return { status, description: response.description ?? "", schema: jsonSchema(response.content) };
}

function jsonSchema(content: oas32.ContentObject | undefined): Schema | null {
  const media = content?.["application/json"];
  return media !== undefined && "schema" in media ? schemaIn(media.schema) : null;
}
