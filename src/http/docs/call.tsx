import { Answers, Problems } from "./answers.tsx";
import { CodeBox } from "./code-box.tsx";
import { curlLines } from "./curl.ts";
import type { DescribedCall } from "./described-call.ts";
import { Fields } from "./fields.tsx";
import { Prose } from "./prose.tsx";
import type { Schema } from "./schema.ts";

/** Everything about one call, with the lines that make it. */
export function Call({ call, origin }: { readonly call: DescribedCall; readonly origin: string }) {
  const { endpoint } = call;
  const { operationId, summary, description, scope } = endpoint;
  return (
    <section class="call" id={operationId} aria-labelledby={`${operationId}-title`}>
      <header>
        <h3 id={`${operationId}-title`}>
          <a href={`#${operationId}`}>{summary}</a>
        </h3>
        <Route call={call} />
        <p>
          <Prose text={description} />
        </p>
        <p class="scope">
          Needs the scope <code>{scope}</code>.
        </p>
      </header>
      <div class="try">
        <CodeBox label={`curl: ${summary}`} code={curlLines(origin, endpoint)} />
      </div>
      <div class="input">
        <Parameters title="Path" schema={call.path} />
        <Parameters title="Query" schema={call.query} />
        <Parameters title="Headers" schema={call.header} />
        {call.body && (
          <>
            <h4>Body{!call.body.required && <span class="optional"> optional</span>}</h4>
            <Fields schema={call.body.schema} direction="input" />
          </>
        )}
      </div>
      <div class="output">
        <h4>Answers</h4>
        <Answers answers={call.answers} />
        <h4>Problems</h4>
        <Problems codes={call.problems} />
      </div>
    </section>
  );
}

function Route({ call: { endpoint } }: { readonly call: DescribedCall }) {
  return (
    <p class="route">
      <span class={`method ${endpoint.method}`}>{endpoint.method.toUpperCase()}</span>{" "}
      <code>
        {endpoint.path.split(/(?=\/)/).map((step) => (
          <>
            {step}
            <wbr />
          </>
        ))}
      </code>
    </p>
  );
}

function Parameters({ title, schema }: { readonly title: string; readonly schema: Schema }) {
  if (Object.keys(schema.properties ?? {}).length === 0) return null;
  return (
    <>
      <h4>{title}</h4>
      <Fields schema={schema} direction="input" />
    </>
  );
}
