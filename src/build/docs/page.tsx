import type { oas31 } from "zod-openapi";
import { Call } from "./call.tsx";
import { headline, Introduction } from "./compatible.tsx";
import { Contents, type GroupsOfCalls } from "./contents.tsx";
import { type DescribedCall, describeCall } from "./described-call.ts";
import type { DocumentedEndpoint } from "./documented.ts";
import { Events } from "./events.tsx";
import { Authentication, Conventions, OtherAddresses, ProblemCodes } from "./guide.tsx";
import { QuickStart } from "./quick-start.tsx";
import { type Schema, schemaIn } from "./schema.ts";
import { Types } from "./types.tsx";
import { DESCRIBED_EVENTS } from "./webhooks.ts";

interface PageProps {
  readonly document: oas31.OpenAPIObject;
  readonly endpoints: readonly DocumentedEndpoint[];
  /** The deployment's origin, to which the curl lines go. */
  readonly origin: string;
  readonly stylesheet: string;
  readonly script: string;
}

/** The API reference, made of the same document as `/openapi.json`. */
export function Page({ document, endpoints, origin, stylesheet, script }: PageProps) {
  const calls = endpoints.map((endpoint) => describeCall(document, endpoint));
  const ofThisApi = Map.groupBy(calls, ({ endpoint }) => endpoint.dialect === undefined);
  const groups = Map.groupBy(ofThisApi.get(true) ?? [], (call) => call.group);
  const compatible = Map.groupBy(ofThisApi.get(false) ?? [], (call) => call.group);
  const types = sharedTypes(document, calls);
  const { title, description } = document.info;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="description" content={description} />
        <title>{title} API reference</title>
        <link rel="stylesheet" href={stylesheet} />
        <script src={script} defer />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <nav class="bar" aria-label="Quick links">
          <a class="brand" href="#top">
            {title} <span>API</span>
          </a>
          <a class="jump" href="#contents">
            Contents
          </a>
          <a class="close" href="#content">
            Close
          </a>
        </nav>
        <header class="opening">
          <h1>{title} API reference</h1>
          <p>{description}</p>
        </header>
        <Contents
          groups={groups}
          compatible={compatible}
          events={DESCRIBED_EVENTS}
          types={Object.keys(types)}
        />
        <main id="content" tabindex={-1}>
          <QuickStart origin={origin} />
          <Authentication origin={origin} />
          <Conventions />
          <ProblemCodes />
          <Groups groups={groups} origin={origin} />
          <Events events={DESCRIBED_EVENTS} types={components(document)} />
          <Groups groups={compatible} origin={origin} />
          <Types types={types} />
          <OtherAddresses origin={origin} />
          <footer>
            <p>
              The same for programs: <a href="/openapi.json">openapi.json</a>, in OpenAPI 3.1.
            </p>
          </footer>
        </main>
      </body>
    </html>
  );
}

function Groups({ groups, origin }: { readonly groups: GroupsOfCalls; readonly origin: string }) {
  return (
    <>
      {[...groups].map(([group, members]) => (
        <section id={group} aria-labelledby={`${group}-title`}>
          <h2 id={`${group}-title`}>{headline(group)}</h2>
          <Introduction group={group} origin={origin} />
          {members.map((call) => (
            <Call call={call} origin={origin} />
          ))}
        </section>
      ))}
    </>
  );
}

/** Components without the bodies of requests and events, which are described where they are used. */
function sharedTypes(document: oas31.OpenAPIObject, calls: readonly DescribedCall[]): Record<string, Schema> {
  const elsewhere = new Set<string | null>([
    ...calls.flatMap(({ body }) => body?.alternatives.map(({ name }) => name) ?? []),
    ...DESCRIBED_EVENTS.map(({ component }) => component),
  ]);
  return Object.fromEntries(Object.entries(components(document)).filter(([name]) => !elsewhere.has(name)));
}

function components({ components }: oas31.OpenAPIObject): Record<string, Schema> {
  const schemas = Object.entries(components?.schemas ?? {});
  return Object.fromEntries(schemas.map(([name, schema]) => [name, schemaIn(schema)]));
}
