import { PROBLEMS } from "../../platform/problem.ts";

/** Every problem code, where the links of the calls lead. */
export function ProblemCodes() {
  return (
    <section id="problems" aria-labelledby="problems-title">
      <h2 id="problems-title">Problems</h2>
      <p>
        Every error is a <a href="#Problem">Problem</a>, as <code>application/problem+json</code> (RFC 9457).
        Decide by its <code>code</code>: codes stay, texts may change. With 400 come all faults at once, in{" "}
        <code>errors</code>; with 409, 429 and 503 comes <code>Retry-After</code>, in seconds.
      </p>
      <dl class="problems">
        {Object.entries(PROBLEMS).map(([code, [status, title]]) => (
          <div id={code}>
            <dt>
              <code>{code}</code>
            </dt>
            <dd class="status">{status}</dd>
            <dd>{title}.</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
