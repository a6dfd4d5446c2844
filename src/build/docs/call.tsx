import { PROBLEMS } from "../../platform/problem.ts";
import { Credentials } from "./compatible.tsx";
import type { DescribedAnswer, DescribedBody, DescribedCall } from "./described-call.ts";
import { Fields, TypeName } from "./fields.tsx";
import type { DescribedError } from "./openapi.ts";
import { addressLines } from "./samples/address.ts";
import { samplesOf } from "./samples/samples.ts";
import { Tabs } from "./samples.tsx";
import { componentName, discriminator, type Schema } from "./schema.ts";
import { CodeBox, Prose } from "./text.tsx";

/** One endpoint: its input, its answers, and how to call it. */
export function Call({ call, origin }: { readonly call: DescribedCall; readonly origin: string }) {
  const { operationId, summary, description, scope, dialect } = call.endpoint;
  return (
    <section class="call" id={operationId}>
      <header>
        <h3>
          <a href={`#${operationId}`}>{summary}</a>
        </h3>
        <Route call={call} />
        <p>
          <Prose text={description} />
        </p>
        {scope !== undefined && (
          <p class="scope">
            Needs the scope <code>{scope}</code>.
          </p>
        )}
      </header>
      <div class="try">
        <Request call={call} origin={origin} />
        {call.answers.toSorted(byUse).map((answer) => (
          <Example answer={answer} summary={summary} />
        ))}
      </div>
      <div class="details">
        {dialect !== undefined && Object.keys(dialect.credentials).length > 0 && (
          <>
            <h4>Credentials</h4>
            <Credentials dialect={dialect} />
          </>
        )}
        <Parameters title="Path" schema={call.path} />
        <Parameters title="Query" schema={call.query} />
        <Parameters title="Headers" schema={call.header} />
        {call.body && <Body body={call.body} />}
        <h4>Answers</h4>
        <Answers answers={call.answers} />
        {call.errors.length > 0 && (
          <>
            <h4>{dialect?.errorBody === undefined ? "Problems" : "Errors"}</h4>
            <Problems errors={call.errors} />
          </>
        )}
      </div>
    </section>
  );
}

/** What creates something before what repeats it, and successes before what a dialect answers otherwise. */
function byUse({ status: left }: DescribedAnswer, { status: right }: DescribedAnswer): number {
  const [isLeftGood, isRightGood] = [left < "300", right < "300"];
  if (isLeftGood !== isRightGood) return isLeftGood ? -1 : 1;
  return isLeftGood ? Number(right) - Number(left) : Number(left) - Number(right);
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

/** How to make the call; for a call that another system makes, what it sends. */
function Request({ call, origin }: { readonly call: DescribedCall; readonly origin: string }) {
  const { operationId, summary, example, path, addressExample } = call.endpoint;
  if (addressExample !== undefined) {
    return (
      <CodeBox
        title="Where the browser is sent"
        label={`Request: ${summary}`}
        code={addressLines(origin + path, addressExample)}
        language="shell"
      />
    );
  }
  const samples = samplesOf(call, origin);
  if (Object.keys(samples).length > 0) return <Tabs id={operationId} label={summary} samples={samples} />;
  return (
    <CodeBox
      title="What the platform sends"
      label={`Request: ${summary}`}
      code={JSON.stringify(example, null, 2)}
      language="json"
    />
  );
}

function Example({ answer, summary }: { readonly answer: DescribedAnswer; readonly summary: string }) {
  const { status, example } = answer;
  if (example === undefined) return null;
  return (
    <CodeBox
      title={`Answer \`${status}\``}
      label={`Answer ${status}: ${summary}`}
      code={JSON.stringify(example, null, 2)}
      language="json"
    />
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

function Body({ body: { mediaType, alternatives, required } }: { readonly body: DescribedBody }) {
  return (
    <>
      <h4>
        Body
        {!required && <span class="optional"> optional</span>}
        {mediaType !== "application/json" && <span class="optional"> as {mediaType}</span>}
      </h4>
      {alternatives.length === 1 ? (
        alternatives.map(({ schema }) => <Fields schema={schema} direction="input" />)
      ) : (
        <>
          <p class="rules">One of these:</p>
          {alternatives.map(({ name, schema }) => {
            const found = discriminator(schema);
            return (
              <div class="alternative" id={name ?? undefined}>
                <h5>{found === null ? name : <code>{`${found.field}: ${found.value}`}</code>}</h5>
                <Fields schema={schema} direction="input" />
              </div>
            );
          })}
        </>
      )}
    </>
  );
}

/** The answers that the definition of a call describes. */
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

/** The errors of a call, by status. */
function Problems({ errors }: { readonly errors: readonly DescribedError[] }) {
  const byStatus = Map.groupBy(errors, ({ status }) => status);
  return (
    <dl class="answers">
      {[...byStatus]
        .sort(([left], [right]) => left - right)
        .map(([status, named]) => (
          <div>
            <dt class="status">{status}</dt>
            {distinct(named).map((error) => (
              <dd>
                <ErrorText error={error} />
              </dd>
            ))}
          </div>
        ))}
    </dl>
  );
}

/** Another system's dialect may answer several problems alike. */
function distinct(errors: readonly DescribedError[]): readonly DescribedError[] {
  return [...new Map(errors.map((error) => [error.description, error])).values()];
}

function ErrorText({ error: { code, description } }: { readonly error: DescribedError }) {
  if (code === null) return <Prose text={description} />;
  return (
    <>
      <a href={`#${code}`}>
        <code>{code}</code>
      </a>{" "}
      {PROBLEMS[code][1]}.
    </>
  );
}
