import type { EndpointDefinition } from "../../http/endpoint.ts";
import { PROBLEMS, type ProblemCode } from "../../platform/problem.ts";
import type { DescribedAnswer, DescribedCall } from "./described-call.ts";
import { Fields, TypeName } from "./fields.tsx";
import { componentName, type Schema } from "./schema.ts";
import { CodeBox, Prose } from "./text.tsx";

/** One endpoint: its input, its answers, and the command that calls it. */
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

/** The successful answers of a call. */
function Answers({ answers }: { readonly answers: readonly DescribedAnswer[] }) {
  return (
    <dl class="answers">
      {answers.map((answer) => (
        <Answer answer={answer} />
      ))}
    </dl>
  );
}

function Answer({ answer: { status, description, schema } }: { readonly answer: DescribedAnswer }) {
  const inline = schema !== null && componentName(schema) === null;
  return (
    <div>
      <dt class="status">{status}</dt>
      <dd>
        <Prose text={description} />{" "}
        {schema !== null && !inline && (
          <span class="kind">
            <TypeName schema={schema} />
          </span>
        )}
      </dd>
      {inline && (
        <dd class="nested">
          <Fields schema={schema} direction="output" />
        </dd>
      )}
    </div>
  );
}

/** The problems of a call, by status. */
function Problems({ codes }: { readonly codes: readonly ProblemCode[] }) {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code][0]);
  return (
    <dl class="answers">
      {[...byStatus]
        .sort(([left], [right]) => left - right)
        .map(([status, named]) => (
          <div>
            <dt class="status">{status}</dt>
            {named.map((code) => (
              <dd>
                <a href={`#${code}`}>
                  <code>{code}</code>
                </a>{" "}
                {PROBLEMS[code][1]}.
              </dd>
            ))}
          </div>
        ))}
    </dl>
  );
}

/** The command that makes a call. The key and the ids in the path are variables of the reader's shell. */
function curlLines(origin: string, { method, path, example }: EndpointDefinition): string {
  const url = origin + path.replace(/([a-z-]+?)(s?)\/\{(\w+)\}/g, inShell).replace("{id}", "$ENTRY_ID");
  // --json makes it a POST.
  const defaultMethod = example === undefined ? "get" : "post";
  const verb = method === defaultMethod ? "" : `-X ${method.toUpperCase()} `;
  return [
    `curl ${verb}${url}`,
    '-H "Authorization: Bearer $SANDI_KEY"',
    ...(example === undefined ? [] : [`--json ${quoted(JSON.stringify(example))}`]),
  ].join(" \\\n  ");
}

/** `verifications/{id}` becomes `verifications/$VERIFICATION_ID`; `deliveries/{delivery}` is named already. */
function inShell(_: string, noun: string, plural: string, parameter: string): string {
  const name = parameter === "delivery" ? `${parameter}_id` : `${noun}_${parameter}`;
  const variable = name.toUpperCase().replaceAll("-", "_");
  return `${noun}${plural}/$${variable}`;
}

/** Within single quotes a shell takes everynoun literally except the single quote. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
