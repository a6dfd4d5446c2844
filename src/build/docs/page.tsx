import type { oas31 } from "zod-openapi";
import type { EndpointDefinition } from "../../http/endpoint.ts";
import { Call } from "./call.tsx";
import { type DescribedCall, describeCall } from "./described-call.ts";
import { Authentication, Conventions, OtherAddresses, ProblemCodes } from "./guide.tsx";
import { type Schema, schemaIn } from "./schema.ts";
import { Types } from "./types.tsx";

interface PageProps {
  readonly document: oas31.OpenAPIObject;
  readonly endpoints: readonly EndpointDefinition[];
  /** The deployment's origin, to which the curl lines go. */
  readonly origin: string;
  readonly stylesheet: string;
}

/** The API reference, made of the same document as `/openapi.json`. */
export function Page({ document, endpoints, origin, stylesheet }: PageProps) {
  const calls = endpoints.map((endpoint) => describeCall(document, endpoint));
  const groups = Map.groupBy(calls, (call) => call.group);
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
        </nav>
        <header class="opening">
          <h1>{title} API reference</h1>
          <p>{description}</p>
          <p>
            <a href="#startVerification">Start a verification</a>, ask the user for the code that arrives, and{" "}
            <a href="#checkVerification">check it</a>.
          </p>
        </header>
        <Contents groups={groups} types={Object.keys(types)} />
        <main id="content" tabindex={-1}>
          <Authentication origin={origin} />
          <Conventions />
          {[...groups].map(([group, members]) => (
            <section id={group} aria-labelledby={`${group}-title`}>
              <h2 id={`${group}-title`}>{headline(group)}</h2>
              {members.map((call) => (
                <Call call={call} origin={origin} />
              ))}
            </section>
          ))}
          <Types types={types} />
          <ProblemCodes />
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

/** Components without the bodies of requests, which are described with their endpoints. */
function sharedTypes(document: oas31.OpenAPIObject, calls: readonly DescribedCall[]): Record<string, Schema> {
  const bodies = new Set(calls.map(({ body }) => body?.name));
  return Object.fromEntries(
    Object.entries(document.components?.schemas ?? {})
      .filter(([name]) => !bodies.has(name))
      .map(([name, schema]) => [name, schemaIn(schema)]),
  );
}

interface ContentsProps {
  readonly groups: ReadonlyMap<string, readonly DescribedCall[]>;
  readonly types: readonly string[];
}

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly method?: string;
}

/** The table of contents. */
function Contents({ groups, types }: ContentsProps) {
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

/** The title of a group, which the paths name: `webhook-endpoints` becomes `Webhook endpoints`. */
function headline(group: string): string {
  return group.charAt(0).toUpperCase() + group.slice(1).replaceAll("-", " ");
}
