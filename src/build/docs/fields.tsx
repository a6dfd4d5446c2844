import {
  alternatives,
  componentName,
  discriminator,
  nestedObjects,
  rules,
  type Schema,
  schemaIn,
  show,
} from "./schema.ts";
import { Prose } from "./text.tsx";

/** In input, fields are marked that are required; in output, fields that may be absent. */
export type Direction = "input" | "output";

interface FieldsProps {
  readonly schema: Schema;
  readonly direction: Direction;
}

/** The fields of an object; those of nested objects are indented. */
export function Fields({ schema, direction }: FieldsProps) {
  return (
    <dl class="fields">
      {Object.entries(schema.properties ?? {}).map(([name, field]) => (
        <Field
          name={name}
          schema={schemaIn(field)}
          required={schema.required?.includes(name) === true}
          direction={direction}
        />
      ))}
    </dl>
  );
}

interface FieldProps extends FieldsProps {
  readonly name: string;
  readonly required: boolean;
}

function Field({ name, schema, required, direction }: FieldProps) {
  const nested = nestedObjects(schema);
  const said = rules(schema).join("; ");
  const example: unknown = schema.examples?.[0];
  return (
    <div class="field">
      <dt>
        <code>{name}</code>
      </dt>
      <dd class="kind">
        <TypeName schema={schema} /> <Presence required={required} schema={schema} direction={direction} />
      </dd>
      {schema.description && (
        <dd>
          <Prose text={schema.description} />
        </dd>
      )}
      {said && (
        <dd class="rules">
          <Prose text={`${said.charAt(0).toUpperCase()}${said.slice(1)}.`} />
        </dd>
      )}
      {example !== undefined && example !== schema.default && (
        <dd class="rules">
          Example: <code>{show(example)}</code>
        </dd>
      )}
      {nested.map((object) => (
        <dd class="nested">
          {nested.length > 1 && <Kind schema={object} />}
          <Fields schema={object} direction={direction} />
        </dd>
      ))}
    </div>
  );
}

/** How to tell one kind of object from the others of a union. */
export function Kind({ schema }: { readonly schema: Schema }) {
  const found = discriminator(schema);
  if (found === null) return null;
  return (
    <p class="rules">
      With <code>{found.field}</code> <code>{found.value}</code>:
    </p>
  );
}

function Presence({ required, schema, direction }: Omit<FieldProps, "name">) {
  if (required) return direction === "input" && <strong class="required">required</strong>;
  if (schema.default === undefined) return <span class="optional">optional</span>;
  return (
    <span class="optional">
      default <code>{show(schema.default)}</code>
    </span>
  );
}

/** A type in a few words, with links to components. */
export function TypeName({ schema }: { readonly schema: Schema }) {
  const { of, nullable } = alternatives(schema);
  const [first, ...others] = of.filter(isPlainObject);
  // The objects of a union are shown below, one by one.
  const told = first === undefined ? of : of.filter((alternative) => !others.includes(alternative));
  return (
    <>
      {told.map((alternative, index) => (
        <>
          {index > 0 && " or "}
          <Alternative schema={alternative} />
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
  if (isRecord(schema)) {
    return (
      <>
        object of <TypeName schema={schemaIn(schema.additionalProperties)} />
      </>
    );
  }
  const type = [schema.type ?? "any"].flat().join(" or ");
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

function isPlainObject(schema: Schema): boolean {
  return componentName(schema) === null && schema.type === "object" && !isRecord(schema);
}

/** An object whose keys are the caller's; one that may have more fields than it lists is none. */
function isRecord({ properties, additionalProperties }: Schema): boolean {
  return properties === undefined && typeof additionalProperties === "object";
}
