import type { DescribedCall } from "./described-call.ts";
import type { DescribedEvent } from "./webhooks.ts";

interface ContentsProps {
  readonly groups: ReadonlyMap<string, readonly DescribedCall[]>;
  readonly events: readonly DescribedEvent[];
  readonly types: readonly string[];
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly method?: string;
}

/** The table of contents. The page's script shows the search. */
export function Contents({ groups, events, types }: ContentsProps) {
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
        <Part
          title="Events"
          entries={[
            { id: "events", title: "Receive events" },
            ...events.map(({ type }) => ({ id: type, title: type })),
          ]}
        />
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

const HEADLINES: Readonly<Record<string, string>> = {
  keys: "API keys",
  "twilio-verify": "Twilio Verify",
  "vonage-verify": "Vonage Verify",
  "camara-otp": "CAMARA OTP SMS",
  "sms-hooks": "SMS hooks",
};

/** The title of a group, which the paths name: `webhook-endpoints` becomes `Webhook endpoints`. */
export function headline(group: string): string {
  return HEADLINES[group] ?? group.charAt(0).toUpperCase() + group.slice(1).replaceAll("-", " ");
}
