import { Fields } from "./fields.tsx";
import { extended, type Schema } from "./schema.ts";
import { Prose } from "./text.tsx";

interface TypesProps {
  readonly types: Readonly<Record<string, Schema>>;
}

/** The components of the description: objects that several endpoints share. */
export function Types({ types }: TypesProps) {
  return (
    <section id="types" aria-labelledby="types-title">
      <h2 id="types-title">Types</h2>
      <p>In an answer, a field is always there unless it is marked optional.</p>
      {Object.entries(types).map(([name, schema]) => (
        <section class="type" id={name}>
          <h3>
            <a href={`#${name}`}>{name}</a>
          </h3>
          {schema.description && (
            <p>
              <Prose text={schema.description} />
            </p>
          )}
          <TypeFields name={name} types={types} />
        </section>
      ))}
    </section>
  );
}

function TypeFields({ name, types }: TypesProps & { readonly name: string }) {
  const schema = types[name] ?? {};
  const base = extended(name, types);
  if (base === null) return <Fields schema={schema} direction="output" />;
  const inherited = types[base]?.properties ?? {};
  const added = Object.entries(schema.properties ?? {}).filter(([field]) => !(field in inherited));
  return (
    <>
      <p>
        All of <a href={`#${base}`}>{base}</a>, and:
      </p>
      <Fields schema={{ ...schema, properties: Object.fromEntries(added) }} direction="output" />
    </>
  );
}
