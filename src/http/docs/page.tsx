import type { EndpointDefinition as Endpoint } from "../endpoint.ts";
import { Call } from "./call.tsx";
import type { OpenApiDocument } from "./components.ts";
import { Contents } from "./contents.tsx";
import { type DescribedCall, describeCall } from "./described-call.ts";
import { Authentication, Conventions, OtherAddresses } from "./guide.tsx";
import { headline } from "./headline.ts";
import { ProblemCodes } from "./problem-codes.tsx";
import type { Schema } from "./schema.ts";
import { Types } from "./types.tsx";

interface PageProps {
  readonly document: OpenApiDocument;
  readonly endpoints: readonly Endpoint[];
  /** Where the reader has found this deployment: the curl lines go there. */
  readonly origin: string;
  readonly stylesheet: string;
}

/** The reference of the API, out of the same document that `/openapi.json` gives to programs. */
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

/** Components that stand for themselves. A call's body is described with the call. */
function sharedTypes(document: OpenApiDocument, calls: readonly DescribedCall[]): Record<string, Schema> {
  const bodies = new Set(calls.map(({ body }) => body?.name));
  return Object.fromEntries(
    Object.entries(document.components.schemas).filter(([name]) => !bodies.has(name)),
  );
}
