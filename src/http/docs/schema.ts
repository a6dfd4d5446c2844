import type * as z from "zod";

/** JSON Schema 2020-12, as zod writes it. */
export type Schema = z.core.JSONSchema.JSONSchema;

/**
 * The boolean schema `true`, and an absent one, allow anything; so does the empty schema. A list of schemas
 * is how older drafts spell tuples, which zod's types still allow for.
 */
export function schemaIn(value: Schema["items"]): Schema {
  return typeof value === "object" && !Array.isArray(value) ? value : {};
}

/** The component that a schema refers to, by name; null when it says for itself what it is. */
export function componentName({ $ref }: Schema): string | null {
  return $ref?.split("/").at(-1) ?? null;
}

/** The alternatives of a union, without null, which is said once for all of them. */
export function alternatives(schema: Schema): { readonly of: readonly Schema[]; readonly nullable: boolean } {
  const types = [schema.type ?? []].flat();
  const spelled = (schema.anyOf ?? schema.oneOf)?.map(schemaIn) ?? [
    types.length < 2 ? schema : { ...schema, type: types.filter((type) => type !== "null") },
  ];
  const of = spelled.filter((one) => one.type !== "null");
  return { of, nullable: of.length < spelled.length || (types.length > 1 && types.includes("null")) };
}

/** The fields that belong right below this one: an object's own, or those of a list's entries. */
export function nestedFields(schema: Schema): Schema | null {
  if (schema.properties !== undefined) return schema;
  if (schema.items !== undefined) return nestedFields(schemaIn(schema.items));
  const { of } = alternatives(schema);
  const [only] = of;
  return of.length === 1 && only !== undefined && only !== schema ? nestedFields(only) : null;
}

/** A value as the page shows it: text as it is, everything else as JSON on one line. */
export function show(value: unknown): string {
  // A string cannot hold a line break in JSON, so that every one of these is the indentation's.
  return typeof value === "string" ? value : JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}

/**
 * The component whose fields this one has all of, and more besides; null when there is none. It spares the
 * reader the same list twice.
 */
export function extended(name: string, components: Readonly<Record<string, Schema>>): string | null {
  const fields = entries(components[name]);
  const bases = Object.keys(components).filter((candidate) => {
    const theirs = entries(components[candidate]);
    return theirs.size > 0 && theirs.size < fields.size && [...theirs].every((field) => fields.has(field));
  });
  return bases[0] ?? null;
}

function entries(schema: Schema | undefined): Set<string> {
  return new Set(Object.entries(schema?.properties ?? {}).map((entry) => JSON.stringify(entry)));
}
