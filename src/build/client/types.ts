import type { oas31 } from "zod-openapi";

type Schema = oas31.SchemaObject | oas31.ReferenceObject;

/** TypeScript for a schema of the API description. Throws for what it cannot express, so that nothing becomes `any`. */
export function typeOf(schema: Schema): string {
  if ("$ref" in schema) return schema.$ref.replace("#/components/schemas/", "");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return union(choices.map(typeOf));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return arrayOf(schema);
    case "object":
      return objectOf(schema);
    case undefined:
      if (Object.keys(schema).every((key) => key === "description")) return "unknown";
  }
  throw new Error(`No type for ${JSON.stringify(schema)}`);
}

/** A declaration of a schema by a name. */
export function declarationOf(name: string, schema: Schema): string {
  const comment = "$ref" in schema ? "" : commentOf(schema.description);
  const type = typeOf(schema);
  return type.startsWith("{")
    ? `${comment}export interface ${name} ${type}\n`
    : `${comment}export type ${name} = ${type};\n`;
}

/** A doc comment, wrapped; empty without a text. */
export function commentOf(text: string | undefined): string {
  if (!text) return "";
  const lines: string[] = [];
  for (const word of text.replaceAll("*/", "*\\/").split(/\s+/)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > 100) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\n`;
}

export function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}

function arrayOf({ items }: oas31.SchemaObject): string {
  if (items === undefined || typeof items === "boolean")
    throw new Error("An array without a type of its items");
  const type = typeOf(items);
  return type.includes(" | ") && !type.startsWith("{") ? `(${type})[]` : `${type}[]`;
}

function objectOf({
  properties,
  required = [],
  additionalProperties,
  propertyNames,
}: oas31.SchemaObject): string {
  if (properties === undefined) {
    if (typeof additionalProperties !== "object") return "Record<string, unknown>";
    const value = typeOf(additionalProperties);
    const isClosed = typeof propertyNames === "object" && "enum" in propertyNames;
    return isClosed ? `Partial<Record<${typeOf(propertyNames)}, ${value}>>` : `Record<string, ${value}>`;
  }
  const fields = Object.entries(properties).map(([name, schema]) => {
    const comment = "$ref" in schema ? "" : commentOf(withDefault(schema));
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    const type = typeOf(schema);
    return required.includes(name) ? `${comment}${key}: ${type};` : `${comment}${key}?: ${type} | undefined;`;
  });
  const isOpen = additionalProperties === true || isEmpty(additionalProperties);
  if (isOpen) fields.push("[field: string]: unknown;");
  return `{\n${fields.join("\n")}\n}`;
}

function withDefault({ description = "", default: value }: oas31.SchemaObject): string {
  const isWorthSaying = ["string", "number", "boolean"].includes(typeof value) && value !== "";
  return isWorthSaying ? `${description} Default: ${JSON.stringify(value)}.`.trim() : description;
}

function isEmpty(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && Object.keys(schema).length === 0;
}
