import { alternatives, componentName, type Schema, schemaIn } from "./schema.ts";

/** A type in a few words, with links to the components it names. */
export function TypeName({ schema }: { readonly schema: Schema }) {
  const { of, nullable } = alternatives(schema);
  return (
    <>
      {of.map((one, index) => (
        <>
          {index > 0 && " or "}
          <Alternative schema={one} />
        </>
      ))}
      {nullable && " or null"}
    </>
  );
}

function Alternative({ schema }: { readonly schema: Schema }) {
  const component = componentName(schema);
  if (component !== null) return <a href={`#${component}`}>{component}</a>;
  if (schema.items !== undefined) {
    return (
      <>
        list of <TypeName schema={schemaIn(schema.items)} />
      </>
    );
  }
  if (typeof schema.additionalProperties === "object") {
    return (
      <>
        object of <TypeName schema={schemaIn(schema.additionalProperties)} />
      </>
    );
  }
  const type = [schema.type ?? "any"].flat().join(" or ");
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}
