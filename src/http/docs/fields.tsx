import { Prose } from "./prose.tsx";
import { rules } from "./rules.ts";
import { nestedFields, type Schema, schemaIn, show } from "./schema.ts";
import { TypeName } from "./type-name.tsx";

/** Whether a reader writes the fields, and asks what must be there, or reads them, and asks what may be absent. */
export type Direction = "input" | "output";

interface FieldsProps {
  readonly schema: Schema;
  readonly direction: Direction;
}

/** An object's fields, those of objects within it indented below. */
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
  const nested = nestedFields(schema);
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
      {nested && (
        <dd class="nested">
          <Fields schema={nested} direction={direction} />
        </dd>
      )}
    </div>
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
