import { CALLS } from "../../call-names.ts";
import type { DocumentedEndpoint } from "../documented.ts";
import { componentName, type Schema } from "../schema.ts";
import { literal } from "./literal.ts";
import { placeholdersIn } from "./path.ts";

/** How an answer is called in a sample, by its component; otherwise by the component's own name. */
const VARIABLES: Readonly<Record<string, string>> = {
  CheckedVerification: "{ valid, status }",
  AcceptedNotificationBatch: "{ id }",
  NotificationBatch: "{ status, counts }",
  EndpointWithSecret: "{ id, secret }",
  WebhookEndpoint: "endpoint",
  WebhookTest: "{ delivered, status }",
  WebhookDelivery: "delivery",
  GuardListEntry: "entry",
  UndoneBlock: "{ changed }",
  CreatedApiKey: "{ id, key }",
  CreatedOAuthClient: "{ client_id, client_secret }",
  OAuthClient: "client",
  OAuthClientWithSecret: "{ client_secret }",
  RotatedSigningKeys: "{ data }",
  Senders: "{ data }",
  Examination: "{ verdict, next }",
  RepairedDeployment: "{ data }",
};

/** What one entry of a list is called, by the operation. */
const ENTRIES: Readonly<Record<string, string>> = {
  listVerifications: "verification",
  listTemplates: "template",
  listGuardDecisions: "decision",
  listGuardListEntries: "entry",
  listWebhookEndpoints: "endpoint",
  listWebhookDeliveries: "delivery",
  listKeys: "key",
  listOAuthClients: "client",
  listSigningKeys: "signingKey",
  listAuditEntries: "entry",
};

/** The field that names an entry, where it is not `id`. */
const NAMES: Readonly<Record<string, string>> = {
  template: "name",
  client: "client_id",
  signingKey: "kid",
};

/** The line with which the npm package makes a call; null for a call that it does not have. */
export function typescriptLines(endpoint: DocumentedEndpoint, answer: Schema | null): string | null {
  const { operationId, path, example } = endpoint;
  const call = CALLS[operationId];
  if (call === undefined) return null;
  const ids = placeholdersIn(path).map(camelCase);
  const entry = ENTRIES[operationId];
  const before = entry === undefined ? assignment(answer) : `for await (const ${entry} of `;
  const expression = `${before}sandi.${call}(`;
  const body = isEmpty(example) ? [] : [literal(example, expression.length + ids.join(", ").length)];
  const line = `${expression}${[...ids, ...body].join(", ")})`;
  if (entry === undefined) return `${line};`;
  return `${line}) {\n  console.log(${entry}.${NAMES[entry] ?? "id"});\n}`;
}

function isEmpty(body: unknown): boolean {
  return body === undefined || JSON.stringify(body) === "{}";
}

function assignment(answer: Schema | null): string {
  return answer === null ? "await " : `const ${nameOf(answer)} = await `;
}

function camelCase(words: readonly string[]): string {
  return words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");
}

function nameOf(answer: Schema): string {
  const component = componentName(answer);
  if (component !== null)
    return VARIABLES[component] ?? component.charAt(0).toLowerCase() + component.slice(1);
  const fields = Object.keys(answer.properties ?? {});
  return fields.length <= 3 ? `{ ${fields.join(", ")} }` : "answer";
}
