import { headline } from "./compatible.tsx";
import type { DescribedCall } from "./described-call.ts";
import type { DescribedEvent } from "./webhooks.ts";

/** Calls by what they are about, or by the dialect they speak. */
export type GroupsOfCalls = ReadonlyMap<string, readonly DescribedCall[]>;

interface ContentsProps {
  readonly groups: GroupsOfCalls;
  /** The calls of other systems' dialects. */
  readonly compatible: GroupsOfCalls;
  readonly events: readonly DescribedEvent[];
  readonly types: readonly string[];
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly method?: string;
}

/** The table of contents. The page's script shows the search. */
export function Contents({ groups, compatible, events, types }: ContentsProps) {
  return (
    <nav id="contents" aria-label="Contents">
      <search hidden>
        <label class="unseen" for="search">
          Search
        </label>
        <input
          id="search"
          type="search"
          autocomplete="off"
          spellcheck={false}
          placeholder="Search"
          aria-keyshortcuts="/"
        />
        <p id="search-status" role="status" />
        <ul id="results" />
      </search>
      <ul class="parts">
        <Part
          title="Overview"
          entries={[
            { id: "quick-start", title: "Quick start" },
            { id: "authentication", title: "Authentication" },
            { id: "conventions", title: "Conventions" },
            { id: "idempotency", title: "Idempotency" },
            { id: "problems", title: "Problems" },
          ]}
        />
        <Groups groups={groups} />
        <Part
          title="Events"
          entries={[
            { id: "events", title: "Receive events" },
            ...events.map(({ type }) => ({ id: type, title: type })),
          ]}
        />
        <Groups groups={compatible} />
        <Part title="Types" entries={types.map((name) => ({ id: name, title: name }))} />
        <Part
          title="More"
          entries={[
            { id: "whatsapp-webhook", title: "WhatsApp webhook" },
            { id: "health", title: "Health" },
          ]}
        />
      </ul>
    </nav>
  );
}

function Groups({ groups }: { readonly groups: GroupsOfCalls }) {
  return (
    <>
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
    </>
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
              <span>{title}</span>
              {method && <small class={method}>{SHORT[method] ?? method.toUpperCase()}</small>}
            </a>
          </li>
        ))}
      </ul>
    </li>
  );
}

const SHORT: Readonly<Record<string, string>> = { delete: "DEL" };
