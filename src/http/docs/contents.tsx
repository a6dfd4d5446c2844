import type { DescribedCall } from "./described-call.ts";
import { headline } from "./headline.ts";

interface ContentsProps {
  readonly groups: ReadonlyMap<string, readonly DescribedCall[]>;
  readonly types: readonly string[];
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly method?: string;
}

/** The way to every part of the page. */
export function Contents({ groups, types }: ContentsProps) {
  return (
    <nav id="contents" aria-label="Contents">
      <ul>
        <Part
          title="Overview"
          entries={[
            { id: "authentication", title: "Authentication" },
            { id: "conventions", title: "Conventions" },
            { id: "idempotency", title: "Idempotency" },
          ]}
        />
        {[...groups].map(([group, calls]) => (
          <Part
            title={headline(group)}
            entries={calls.map(({ endpoint: { operationId, summary, method } }) => ({
              id: operationId,
              title: summary,
              method,
            }))}
          />
        ))}
        <Part title="Types" entries={types.map((name) => ({ id: name, title: name }))} />
        <Part
          title="More"
          entries={[
            { id: "problems", title: "Problems" },
            { id: "whatsapp-webhook", title: "WhatsApp webhook" },
            { id: "health", title: "Health" },
          ]}
        />
      </ul>
    </nav>
  );
}

interface PartProps {
  readonly title: string;
  readonly entries: readonly Entry[];
}

function Part({ title, entries }: PartProps) {
  return (
    <li>
      <span>{title}</span>
      <ul>
        {entries.map(({ id, title, method }) => (
          <li>
            <a href={`#${id}`}>
              {title}
              {method && <small class={method}>{method.toUpperCase()}</small>}
            </a>
          </li>
        ))}
      </ul>
    </li>
  );
}
