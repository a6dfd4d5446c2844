import type { oas31 } from "zod-openapi";
import type { DocumentedEndpoint } from "./documented.ts";
import { type DescribedError, errorsOf, groupOf } from "./openapi.ts";
import { alternatives, componentName, type Schema, schemaIn } from "./schema.ts";

export interface DescribedBody {
  readonly mediaType: string;
  /** What it may be: one kind of object, or several for a union. */
  readonly alternatives: readonly Alternative[];
  readonly required: boolean;
}

/** One kind of object that a body may be. */
export interface Alternative {
  /** The component that the schema is, if it is one. */
  readonly name: string | null;
  readonly schema: Schema;
}

export interface DescribedAnswer {
  readonly status: string;
  readonly description: string;
  readonly schema: Schema | null;
  /** A body; undefined for an answer without one. */
  readonly example: unknown;
}

/** One endpoint as the page shows it, with its schemas as the OpenAPI document contains them. */
export interface DescribedCall {
  readonly endpoint: DocumentedEndpoint;
  readonly group: string;
  /** Parameters as the fields of an object, by their location. */
  readonly path: Schema;
  readonly query: Schema;
  readonly header: Schema;
  readonly body: DescribedBody | null;
  readonly answers: readonly DescribedAnswer[];
  readonly errors: readonly DescribedError[];
}

/** Reads one endpoint from the document that describes it. */
export function describeCall(document: oas31.OpenAPIObject, endpoint: DocumentedEndpoint): DescribedCall {
  const operation = document.paths?.[endpoint.path]?.[endpoint.method] ?? {};
  return {
    endpoint,
    group: groupOf(endpoint),
    path: parameters(operation, "path"),
    query: parameters(operation, "query"),
    header: parameters(operation, "header"),
    body: body(operation, document),
    answers: Object.entries(endpoint.responses).map(([status, { description }]) => {
      return { status, description, ...answer(operation, status) };
    }),
    errors: errorsOf(endpoint),
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
  const [mediaType = "", { schema } = {}] = Object.entries(requestBody.content)[0] ?? [];
  const resolve = (part: Schema): Alternative => {
    const name = componentName(part);
    return { name, schema: name === null ? part : schemaIn(components?.schemas?.[name]) };
  };
  const whole = resolve(schemaIn(schema));
  const { of } = alternatives(whole.schema);
  return {
    mediaType,
    alternatives: of.length === 1 ? [whole] : of.map(resolve),
    required: requestBody.required === true,
  };
}

function answer(
  { responses }: oas31.OperationObject,
  status: string,
): Pick<DescribedAnswer, "schema" | "example"> {
  const response: oas31.ResponseObject = responses?.[status] ?? {};
  const [media] = Object.values(response.content ?? {});
  return {
    schema: media?.schema === undefined ? null : schemaIn(media.schema),
    example: media?.example,
  };
}
