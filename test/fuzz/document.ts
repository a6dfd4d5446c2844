/** The parts of an OpenAPI schema that the fuzzer uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly examples?: readonly unknown[];
}

interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly schema: Schema;
}

/** A documented call. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  /** For example `/v1/verifications/{id}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly required: boolean; readonly schema: Schema; readonly example: unknown } | null;
  /** The documented response statuses. */
  readonly statuses: ReadonlySet<number>;
}

interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: {
      readonly "application/json": { readonly schema: Schema; readonly example?: unknown };
    };
  };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The OpenAPI document that the Worker serves. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  /** The documented problem codes. */
  readonly codes: ReadonlySet<unknown>;
  readonly #schemas: Readonly<Record<string, Schema>>;

  constructor({ paths, components }: RawDocument) {
    this.#schemas = components.schemas;
    this.codes = new Set(components.schemas.Problem?.properties?.code?.enum);
    this.operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, raw]) => toOperation(path, method, raw)),
    );
  }

  static async of(port: number): Promise<ApiDocument> {
    const response = await fetch(`http://127.0.0.1:${port}/openapi.json`);
    return new ApiDocument((await response.json()) as RawDocument);
  }

  /** Resolves a `$ref`. */
  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    return this.resolve(this.#schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  }
}

function toOperation(path: string, method: string, raw: RawOperation): Operation {
  const content = raw.requestBody?.content["application/json"];
  return {
    operationId: raw.operationId,
    method: method.toUpperCase(),
    path,
    parameters: raw.parameters ?? [],
    body:
      content === undefined
        ? null
        : { required: raw.requestBody?.required ?? false, schema: content.schema, example: content.example },
    statuses: new Set(Object.keys(raw.responses).map(Number)),
  };
}
