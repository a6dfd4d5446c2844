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

interface OperationBody {
  /** Such as `application/json`. */
  readonly type: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly example: unknown;
}

/** A documented call. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  /** For example `/v1/verifications/{id}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: OperationBody | null;
  /** The schemes of its credentials, any of which will do: `basic`, `bearer`, or those of another kind. */
  readonly credentials: readonly string[];
  /** The documented response statuses. */
  readonly statuses: ReadonlySet<number>;
}

type RawContent = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

/** An error as the calls under a prefix answer it. */
export interface DocumentedError {
  /** Such as `application/problem+json`. */
  readonly type: string;
  readonly schema: Schema;
}

interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: RawContent;
  };
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: RawContent }>
  >;
}

interface SecurityScheme {
  readonly type: string;
  readonly scheme?: string;
  /** Of a bearer token that is no API key. */
  readonly bearerFormat?: string;
}

interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  };
}

/** The OpenAPI document that the Worker serves. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  /** The documented problem codes. */
  readonly codes: ReadonlySet<unknown>;
  readonly #schemas: Readonly<Record<string, Schema>>;
  /** By a path, and by the first part of it, such as `v1`. */
  readonly #errors: ReadonlyMap<string, DocumentedError>;

  constructor({ paths, components }: RawDocument) {
    this.#schemas = components.schemas;
    this.codes = new Set(components.schemas.Problem?.properties?.code?.enum);
    this.operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, raw]) =>
        toOperation(path, method, raw, components.securitySchemes),
      ),
    );
    const errors = Object.entries(paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap(({ responses }) => {
        // A call without credentials has no 401.
        const described = responses[401] ?? responses[404];
        const [type = "", { schema = {} } = {}] = Object.entries(described?.content ?? {})[0] ?? [];
        const error = { type, schema: this.resolve(schema) };
        return [[prefixOf(path), error] as const, [path, error] as const];
      }),
    );
    this.#errors = new Map(errors);
  }

  /** The error that is documented for the path of a target, or for calls with the same first part; null outside of the API. */
  errorUnder(target: string): DocumentedError | null {
    const { pathname } = new URL(`http://sandi.test${target}`);
    // A router takes a path with a slash at its end like the one without.
    const path = pathname.replace(/(?<=.)\/$/, "");
    return this.#errors.get(path) ?? this.#errors.get(prefixOf(path)) ?? null;
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

/** The part of a path that one dialect answers under: each hook has its own, and each document of an issuer. */
function prefixOf(path: string): string {
  const [, first = "", second = ""] = path.split("/");
  return first === "hooks" || first === ".well-known" ? `${first}/${second}` : first;
}

function toOperation(
  path: string,
  method: string,
  raw: RawOperation,
  schemes: Readonly<Record<string, SecurityScheme>>,
): Operation {
  const [type = "", content] = Object.entries(raw.requestBody?.content ?? {})[0] ?? [];
  return {
    operationId: raw.operationId,
    method: method.toUpperCase(),
    path,
    parameters: raw.parameters ?? [],
    body:
      content === undefined
        ? null
        : {
            type,
            required: raw.requestBody?.required ?? false,
            schema: content.schema,
            example: content.example,
          },
    credentials: (raw.security ?? [{ apiKey: [] }]).flatMap(Object.keys).map((name) => kindOf(schemes[name])),
    statuses: new Set(Object.keys(raw.responses).map(Number)),
  };
}

function kindOf(scheme: SecurityScheme | undefined): string {
  return scheme?.bearerFormat ?? scheme?.scheme ?? "signature";
}
