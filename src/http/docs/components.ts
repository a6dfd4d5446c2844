import * as z from "zod";
import type { EndpointDefinition as Endpoint } from "../endpoint.ts";
import { type Schema, schemaIn } from "./schema.ts";

/** An OpenAPI 3.1 document, as far as this API needs one. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Readonly<Record<"title" | "version" | "description", string>>;
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, Partial<Readonly<Record<Endpoint["method"], Operation>>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, { readonly type: "http"; readonly scheme: string }>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly schema: Schema;
  readonly required?: true;
  readonly description?: string;
}

/** The schemas of one document: each is spelled where it is used, but those with an id, which all share. */
export class Components {
  readonly schemas: Record<string, Schema> = {};

  /** A body: an input as the caller has to send it, an output as the caller gets it. */
  schema(type: z.ZodType, io: "input" | "output"): Schema {
    const { $schema: _, $defs = {}, ...schema } = relocated(z.toJSONSchema(type, { io }));
    for (const [id, component] of Object.entries($defs)) this.#share(id, component);
    return schema;
  }

  /** The fields of an object as parameters. */
  parameters(place: Parameter["in"], type: z.ZodType): Parameter[] {
    const { properties = {}, required = [] } = this.schema(type, "input");
    return Object.entries(properties).map(([name, property]) => {
      const schema = schemaIn(property);
      const { description } = schema;
      return {
        in: place,
        name,
        schema,
        ...(required.includes(name) && { required: true }),
        // Tools show the parameter's own description, not its schema's.
        ...(description !== undefined && { description }),
      };
    });
  }

  #share(id: string, component: Schema): void {
    const known = this.schemas[id];
    // One of the two would be described wrongly: most likely it is an input here and an output there.
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(component)) {
      throw new Error(`The schema ${id} has two meanings.`);
    }
    this.schemas[id] = component;
  }
}

/** zod refers to definitions within the schema; an OpenAPI document has one place for those of all schemas. */
function relocated(schema: Schema): Schema {
  // As text, for references may be anywhere. In a string the quotes would be escaped: only real ones match.
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'));
}
