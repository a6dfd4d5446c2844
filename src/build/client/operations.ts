import type { oas31 } from "zod-openapi";
import { CALLS } from "../call-names.ts";
import { capitalized, typeOf } from "./types.ts";

type Schema = oas31.SchemaObject | oas31.ReferenceObject;

/** An operation of the API, and how the client names it. */
export interface Operation {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly comment: string;
  readonly method: string;
  readonly path: string;
  /** Names in the path, in their order. */
  readonly params: readonly string[];
  readonly query: TypeUse | null;
  readonly body: TypeUse | null;
  readonly keyed: boolean;
  readonly answer: Answer;
}

interface TypeUse {
  readonly type: string;
  readonly required: boolean;
}

type Answer =
  | { readonly kind: "nothing" }
  /** `isPaged`: the query takes `after`. */
  | { readonly kind: "list"; readonly entry: string; readonly isPaged: boolean }
  | { readonly kind: "object"; readonly type: string };

/** A type of a schema that the API description does not name. */
export interface NamedSchema {
  readonly name: string;
  readonly schema: Schema;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The operations of `/v1` in the order of the description. Throws when {@link CALLS} does not name one of them. */
export function operationsOf(document: oas31.OpenAPIObject): {
  readonly operations: readonly Operation[];
  readonly schemas: readonly NamedSchema[];
} {
  const schemas: NamedSchema[] = [];
  const named = (name: string, schema: Schema): string => {
    if ("$ref" in schema || schema.oneOf !== undefined) return typeOf(schema);
    schemas.push({ name, schema });
    return name;
  };
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    path.startsWith("/v1/")
      ? METHODS.flatMap((method) => {
          const operation = item[method];
          return operation === undefined ? [] : [toOperation(method, path, operation, named)];
        })
      : [],
  );
  return { operations, schemas };
}

function toOperation(
  method: string,
  path: string,
  operation: oas31.OperationObject,
  named: (name: string, schema: Schema) => string,
): Operation {
  const { operationId: id = "", summary = "", description = "" } = operation;
  const [group, name] = CALLS[id]?.split(".") ?? [];
  if (group === undefined || name === undefined) {
    throw new Error(`Name the operation ${id} in src/build/call-names.ts`);
  }
  const parameters = (operation.parameters ?? []).filter((parameter) => "in" in parameter);
  return {
    id,
    group,
    name,
    comment: `${summary}. ${description}`,
    method: method.toUpperCase(),
    path,
    params: parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name),
    query: queryOf(id, parameters, named),
    body: bodyOf(id, operation, named),
    keyed: parameters.some((parameter) => parameter.name === "Idempotency-Key"),
    answer: answerOf(id, operation, named),
  };
}

function queryOf(
  id: string,
  parameters: readonly oas31.ParameterObject[],
  named: (name: string, schema: Schema) => string,
): TypeUse | null {
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  if (inQuery.length === 0) return null;
  const required = inQuery.filter((parameter) => parameter.required).map((parameter) => parameter.name);
  const properties = Object.fromEntries(inQuery.map(({ name, schema = {} }) => [name, schema]));
  const type = named(`${capitalized(id)}Query`, { type: "object", properties, required });
  return { type, required: required.length > 0 };
}

function bodyOf(
  id: string,
  { requestBody }: oas31.OperationObject,
  named: (name: string, schema: Schema) => string,
): TypeUse | null {
  if (requestBody === undefined || "$ref" in requestBody) return null;
  const type = named(capitalized(id), schemaOf(requestBody.content));
  return { type, required: requestBody.required === true };
}

function answerOf(
  id: string,
  { responses = {}, parameters = [] }: oas31.OperationObject,
  named: (name: string, schema: Schema) => string,
): Answer {
  const contents = Object.entries(responses)
    .filter(([status]) => status.startsWith("2"))
    .flatMap(([, response]) => ("content" in response && response.content ? [response.content] : []));
  const [content] = contents;
  if (content === undefined) return { kind: "nothing" };
  const schema = schemaOf(content);
  const entry = entryOf(schema);
  if (entry !== null) {
    const isPaged = parameters.some((parameter) => "name" in parameter && parameter.name === "after");
    return { kind: "list", entry: named(`${capitalized(id)}Entry`, entry), isPaged };
  }
  return { kind: "object", type: named(`${capitalized(id)}Result`, schema) };
}

/** The schema of a list's entries; null for what is no list of pages. */
function entryOf(schema: Schema): Schema | null {
  if ("$ref" in schema) return null;
  const { data, next } = schema.properties ?? {};
  if (data === undefined || next === undefined || "$ref" in data) return null;
  return data.items && typeof data.items !== "boolean" ? data.items : null;
}

/** The schema of a JSON body. */
export function schemaOf(content: oas31.ContentObject): Schema {
  const schema = content["application/json"]?.schema;
  if (schema === undefined) throw new Error("A body without a schema");
  return schema;
}
