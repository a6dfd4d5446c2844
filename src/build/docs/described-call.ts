import type { oas31 } from "zod-openapi";
import type { EndpointDefinition } from "../../http/endpoint.ts";
import type { ProblemCode } from "../../platform/problem.ts";
import { groupOf, problemCodes } from "./openapi.ts";
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

/** One endpoint as the page shows it, with its schemas as the OpenAPI document contains them. */
export interface DescribedCall {
  readonly endpoint: EndpointDefinition;
  readonly group: string;
  /** Parameters as the fields of an object, by their location. */
  readonly path: Schema;
  readonly query: Schema;
  readonly header: Schema;
  readonly body: DescribedBody | null;
  readonly answers: readonly DescribedAnswer[];
  readonly problems: readonly ProblemCode[];
}

/** Reads one endpoint from the document that describes it. */
export function describeCall(document: oas31.OpenAPIObject, endpoint: EndpointDefinition): DescribedCall {
  const operation = document.paths?.[endpoint.path]?.[endpoint.method] ?? {};
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

function parameters(operation: oas31.OperationObject, location: oas31.ParameterLocation): Schema {
  const found = (operation.parameters ?? []).filter(
    (parameter): parameter is oas31.ParameterObject => "in" in parameter && parameter.in === location,
  );
  return {
    properties: Object.fromEntries(found.map(({ name, schema }) => [name, schemaIn(schema)])),
    required: found.filter(({ required }) => required).map(({ name }) => name),
  };
}

function body(
  { requestBody }: oas31.OperationObject,
  { components }: oas31.OpenAPIObject,
): DescribedBody | null {
  if (requestBody === undefined || !("content" in requestBody)) return null;
  const schema = jsonSchema(requestBody) ?? {};
  const name = componentName(schema);
  return {
    name,
    schema: name === null ? schema : schemaIn(components?.schemas?.[name]),
    required: requestBody.required === true,
  };
}

function answer({ responses }: oas31.OperationObject, status: string): DescribedAnswer {
  const response: oas31.ResponseObject = responses?.[status];
  return { status, description: response.description, schema: jsonSchema(response) };
}

function jsonSchema({ content }: { readonly content?: oas31.ContentObject }): Schema | null {
  const schema = content?.["application/json"]?.schema;
  return schema === undefined ? null : schemaIn(schema);
}
