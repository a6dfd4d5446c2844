import { quickStart } from "./samples/quick-start.ts";
import { Tabs } from "./samples.tsx";
import { Prose } from "./text.tsx";

/** Three steps that lead to a verified number, each to be pasted. */
export function QuickStart({ origin }: { readonly origin: string }) {
  return (
    <section id="quick-start" aria-labelledby="quick-start-title">
      <h2 id="quick-start-title">Quick start</h2>
      <ol class="steps">
        {quickStart(origin).map(({ id, title, text, samples }) => (
          <li id={id}>
            <div>
              <h3>{title}</h3>
              <p>
                <Prose text={text} />
              </p>
            </div>
            <Tabs id={`${id}-sample`} label={title} samples={samples} />
          </li>
        ))}
      </ol>
    </section>
  );
}
