import { PROBLEMS, type ProblemCode } from "../../platform/problem.ts";
import type { DescribedAnswer } from "./described-call.ts";
import { Fields } from "./fields.tsx";
import { Prose } from "./prose.tsx";
import { componentName } from "./schema.ts";
import { TypeName } from "./type-name.tsx";

/** What a call answers when it did what it was asked to. */
export function Answers({ answers }: { readonly answers: readonly DescribedAnswer[] }) {
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

/** The problems of a call, by their statuses. */
export function Problems({ codes }: { readonly codes: readonly ProblemCode[] }) {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code][0]);
  return (
    <dl class="answers">
      {[...byStatus]
        .sort(([one], [other]) => one - other)
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
