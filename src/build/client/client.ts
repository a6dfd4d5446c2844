/**
 * `npm run build:client`: writes the parts of the npm package that follow from the API description, its types and its
 * calls. They are checked in, so that a change of the API shows what it changes for callers; a test fails when they are
 * out of date.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { oas31 } from "zod-openapi";
import { definitions } from "../../http/v1/index.ts";
import { policySchema } from "../../phone-number/policy.ts";
import { BATCH_TYPE } from "../../webhook-endpoints/batch.ts";
import { documentedEndpoints } from "../docs/documented.ts";
import { describeApi } from "../docs/openapi.ts";
import { callsOf, typesOfCalls } from "./calls.ts";
import { operationsOf, schemaOf } from "./operations.ts";
import { declarationOf, typeOf } from "./types.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const DIRECTORY = join(ROOT, "src/client/generated");

const HEADER = "// Written by `npm run build:client` from the API description.\n\n";

/** The package serves every deployment, so it knows none's purposes: the description's text names those as shipped. */
const PURPOSES = ["login", "signup", "recovery", "transaction"];

/** The description of `/v1` that the package is made from. */
export function description(): oas31.OpenAPIObject {
  const policies = new Map(PURPOSES.map((name) => [name, policySchema.parse({})]));
  return describeApi(documentedEndpoints(definitions(policies, false)), "https://otp.example.com");
}

/** The generated files, formatted, by their names in `src/client/generated`. */
export async function clientFiles(document: oas31.OpenAPIObject): Promise<Readonly<Record<string, string>>> {
  const { operations, schemas } = operationsOf(document);
  const components = Object.entries(document.components?.schemas ?? {});
  // A batch is not an event: `verifyEvents` returns what it has.
  const { [BATCH_TYPE]: _, ...webhooks } = document.webhooks ?? {};
  const events = Object.values(webhooks).flatMap(eventTypeOf);
  const types = [
    ...components.map(([name, schema]) => declarationOf(name, schema)),
    ...schemas.map(({ name, schema }) => declarationOf(name, schema)),
    `/** Every event that a webhook endpoint may receive. */\nexport type WebhookEvent = ${events.join(" | ")};\n`,
  ];
  const imports = [
    `import { type Connection, segment } from "../connection.ts";`,
    `import { List } from "../list.ts";`,
    `import type { CallOptions, KeyedCallOptions } from "../options.ts";`,
    `import type { ${typesOfCalls(operations).join(", ")} } from "./types.ts";`,
  ];
  return {
    "types.ts": await formatted(HEADER + types.join("\n")),
    "calls.ts": await formatted(`${HEADER}${imports.join("\n")}\n\n${callsOf(operations)}`),
  };
}

function eventTypeOf({ post }: oas31.PathItemObject): string[] {
  const body = post?.requestBody;
  return body === undefined || "$ref" in body ? [] : [typeOf(schemaOf(body.content))];
}

function formatted(text: string): Promise<string> {
  const args = ["check", "--write", "--stdin-file-path=generated.ts"];
  return new Promise((resolve, reject) => {
    const biome = execFile(join(ROOT, "node_modules/.bin/biome"), args, { cwd: ROOT }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
    biome.stdin?.end(text);
  });
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(await clientFiles(description()))) {
    await writeFile(join(DIRECTORY, name), text);
  }
}
