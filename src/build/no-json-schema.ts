/**
 * Stands in for zod's generator of JSON Schema, by the aliases in wrangler.toml: the API's description is made
 * by the build, which bundles zod as it is, and the Worker would carry six kilobytes for nothing.
 */
export const toJSONSchema = noJsonSchema;
export const createToJSONSchemaMethod = () => noJsonSchema;
export const createStandardJSONSchemaMethod = () => noJsonSchema;

function noJsonSchema(): never {
  throw new Error("The Worker makes no JSON Schema; see src/build/no-json-schema.ts");
}
