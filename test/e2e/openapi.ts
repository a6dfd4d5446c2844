import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

type Schema = Readonly<Record<string, unknown>>;

interface Content {
  readonly schema: Schema;
  readonly example?: unknown;
}

interface Response {
  readonly content?: Readonly<Record<string, Content>>;
}

/** An operation of the description, with its place. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Response>>;
  readonly path: string;
  readonly method: string;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, "path" | "method">>>>>;
  readonly webhooks: Readonly<Record<string, { readonly post: Omit<Operation, "path" | "method"> }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The description that the build wrote before the tests, which every deployment serves. */
const DOCUMENT: Document = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../dist/assets/openapi.json"), "utf8"),
);

/** Every call, those of other systems' dialects included. */
export const OPERATIONS: readonly Operation[] = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method })),
);

/** The schema of a body that a call answers; null for an answer without one, undefined for one that is not described. */
export function answerSchema({ responses }: Operation, status: number): z.ZodType | null | undefined {
  const response = responses[status];
  if (response === undefined) return undefined;
  const [content] = Object.values(response.content ?? {});
  return content === undefined ? null : strict(content.schema);
}

/** The schema of an event's body; undefined for a type that is not described. */
export function eventSchema(type: string): z.ZodType | undefined {
  const [content] = Object.values(DOCUMENT.webhooks[type]?.post.requestBody?.content ?? {});
  return content && strict(content.schema);
}

/** A schema of the description that refuses fields that are not described. */
function strict(schema: Schema): z.ZodType {
  return z.fromJSONSchema({ ...closed(schema), $defs: closed(DOCUMENT.components.schemas) });
}

// biome-ignore lint/suspicious/noExplicitAny: zod's type of a JSON Schema, which the document is full of
function closed(schema: object): Record<string, any> {
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]): [string, unknown] => [key, closedPart(key, value)]),
  );
  if (copy.type === "object" && "properties" in copy && !("additionalProperties" in copy)) {
    copy.additionalProperties = false;
  }
  return copy;
}

function closedPart(key: string, value: unknown): unknown {
  if (key === "$ref") return String(value).replace("#/components/schemas/", "#/$defs/");
  if (Array.isArray(value)) return value.map((entry) => closedPart("", entry));
  return typeof value === "object" && value !== null ? closed(value) : value;
}
