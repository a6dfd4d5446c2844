import type { oas31 } from "zod-openapi";

/** JSON Schema 2020-12, as OpenAPI 3.1 contains it. */
export type Schema = oas31.SchemaObject;

type Subschema = Schema | oas31.ReferenceObject | boolean | undefined;

/** The boolean schema `true`, and an absent one, allow anything; so does the empty schema. */
export function schemaIn(value: Subschema): Schema {
  return typeof value === "object" ? { ...value } : {};
}

/** The name of the component that a schema refers to; null for an inline schema. */
export function componentName({ $ref }: Schema): string | null {
  return $ref?.split("/").at(-1) ?? null;
}

/** The alternatives of a union, without `null`. A schema that is not a union is its only alternative. */
export function alternatives(schema: Schema): { readonly of: readonly Schema[]; readonly nullable: boolean } {
  const types = [schema.type ?? []].flat();
  const all = (schema.anyOf ?? schema.oneOf)?.map(schemaIn) ?? [
    types.length < 2 ? schema : { ...schema, type: types.filter((type) => type !== "null") },
  ];
  const of = all.filter(({ type }) => type !== "null");
  return { of, nullable: of.length < all.length || (types.length > 1 && types.includes("null")) };
}

/** The objects whose fields are shown below a field: itself, the entries of a list or record, or what a union allows. */
export function nestedObjects(schema: Schema): readonly Schema[] {
  if (schema.properties !== undefined) return [schema];
  if (schema.items !== undefined) return nestedObjects(schemaIn(schema.items));
  if (typeof schema.additionalProperties === "object")
    return nestedObjects(schemaIn(schema.additionalProperties));
  return (schema.anyOf ?? schema.oneOf ?? []).flatMap((part) => nestedObjects(schemaIn(part)));
}

/** The field with one fixed value that tells an object from the others of its union, such as `type` `url`. */
export function discriminator({
  properties = {},
}: Schema): { readonly field: string; readonly value: string } | null {
  for (const [field, property] of Object.entries(properties)) {
    const { const: value } = schemaIn(property);
    if (typeof value === "string") return { field, value };
  }
  return null;
}

/** A value as the page shows it: text as it is, everything else as JSON on one line. */
export function show(value: unknown): string {
  // A string cannot hold a line break in JSON, so that every one of these is the indentation's.
  return typeof value === "string" ? value : JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}

/** A component whose fields are a subset of this one's, so that they need not be listed again; null for none. */
export function extended(name: string, components: Readonly<Record<string, Schema>>): string | null {
  const fields = entries(components[name]);
  const bases = Object.keys(components).filter((candidate) => {
    const subset = entries(components[candidate]);
    return subset.size > 0 && subset.size < fields.size && [...subset].every((field) => fields.has(field));
  });
  return bases[0] ?? null;
}

function entries(schema: Schema | undefined): Set<string> {
  return new Set(Object.entries(schema?.properties ?? {}).map((entry) => JSON.stringify(entry)));
}

/** The rules for a value besides its type, as phrases with code in backticks. */
export function rules(schema: Schema): string[] {
  const { of } = alternatives(schema);
  const [only] = of;
  // For several alternatives, only their types are shown.
  if (of.length !== 1 || only === undefined) return [];
  return [
    ...("const" in only ? [`always \`${show(only.const)}\``] : []),
    ...(only.enum ? [`one of ${only.enum.map((value) => `\`${show(value)}\``).join(", ")}`] : []),
    ...range(only.minLength, only.maxLength, " characters"),
    ...range(withoutSafeBound(only.minimum), withoutSafeBound(only.maximum), ""),
    ...range(only.minItems, only.maxItems, " entries"),
    // The pattern of a format only repeats the format, at length.
    ...(only.pattern && !only.format ? [`matches \`${only.pattern}\``] : []),
    ...rulesOfParts("each", only.items),
    ...rulesOfParts("keys:", only.propertyNames),
    ...rulesOfParts("values:", only.additionalProperties),
  ];
}

function rulesOfParts(which: string, parts: Subschema): string[] {
  if (typeof parts !== "object") return [];
  const phrases = rules(schemaIn(parts));
  return phrases.length === 0 ? [] : [`${which} ${phrases.join(", ")}`];
}

function range(from: number | undefined, to: number | undefined, unit: string): string[] {
  if (from === undefined) return to === undefined ? [] : [`at most ${to}${unit}`];
  if (to === undefined) return [`at least ${from}${unit}`];
  return [from === to ? `${from}${unit}` : `${from} to ${to}${unit}`];
}

/** zod bounds every integer by the safe ones, which tells a reader nothing. */
function withoutSafeBound(bound: number | undefined): number | undefined {
  return bound !== undefined && Number.isSafeInteger(bound) && Math.abs(bound) < Number.MAX_SAFE_INTEGER
    ? bound
    : undefined;
}
