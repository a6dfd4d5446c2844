import { TypeName } from "./fields.tsx";
import { RECEIVER } from "./samples/quick-start.ts";
import { type Schema, schemaIn } from "./schema.ts";
import { CodeBox, Prose } from "./text.tsx";
import type { DescribedEvent } from "./webhooks.ts";

interface EventsProps {
  readonly events: readonly DescribedEvent[];
  readonly types: Readonly<Record<string, Schema>>;
}

/** What webhook endpoints receive. */
export function Events({ events, types }: EventsProps) {
  return (
    <section id="events" aria-labelledby="events-title">
      <h2 id="events-title">Events</h2>
      <p>
        A <a href="#createWebhookEndpoint">webhook endpoint</a> receives events by <code>POST</code>, signed
        by <a href="https://www.standardwebhooks.com">Standard Webhooks</a> with the headers{" "}
        <code>webhook-id</code>, <code>webhook-timestamp</code> and <code>webhook-signature</code>. Answer 2xx
        within 15 seconds; anything else is tried again for days. An event may come twice and out of order:
        its <code>webhook-id</code> stays the same.
      </p>
      <CodeBox
        label="A receiver of events"
        code={RECEIVER}
        language="typescript"
        title="A receiver, in TypeScript"
      />
      {events.map((event) => (
        <Event event={event} data={dataOf(event, types)} />
      ))}
    </section>
  );
}

function Event({ event, data }: { readonly event: DescribedEvent; readonly data: Schema }) {
  const { type, summary, description, example } = event;
  return (
    <section class="call" id={type}>
      <header>
        <h3>
          <a href={`#${type}`}>{summary}</a>
        </h3>
        <p class="route">
          <code>{type}</code>
        </p>
        <p>
          <Prose text={description} />
        </p>
        <p class="scope">
          <code>data</code> is a <TypeName schema={data} />.
        </p>
      </header>
      <div class="try">
        <CodeBox
          title="Body"
          label={`Body: ${type}`}
          code={JSON.stringify(example, null, 2)}
          language="json"
        />
      </div>
    </section>
  );
}

function dataOf({ component }: DescribedEvent, types: EventsProps["types"]): Schema {
  return schemaIn(types[component]?.properties?.data);
}
