import * as z from "zod";
import type { Template } from "../templates/template.ts";
import { GraphError } from "./errors.ts";
import { selectFields } from "./fields.ts";

/** Fields of a template in a list that names none; `quality_score` and `rejected_reason` must be asked for. */
const DEFAULT_FIELDS = ["name", "parameter_format", "components", "language", "status", "category"];

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(25),
  after: z.string().optional(),
  fields: z.string().optional(),
  name: z.string().optional(),
  language: z.string().optional(),
  status: z.string().toUpperCase().optional(),
  category: z.string().toUpperCase().optional(),
});

type Filters = Pick<z.infer<typeof listQuery>, "name" | "language" | "status" | "category">;

/** One page of `GET /{business account}/message_templates`, as its query asks. */
export function listTemplates(templates: Template[], url: string): object {
  const query = listQuery.safeParse(Object.fromEntries(new URL(url).searchParams));
  if (!query.success) {
    const [issue] = query.error.issues;
    throw new GraphError(100, { message: `(#100) Param ${issue?.path.join(".")} is not valid` });
  }
  const { limit, after, fields, ...filters } = query.data;
  const matching = templates.filter((template) => matches(template, filters));
  const start = after === undefined ? 0 : positionOf(after) + 1;
  const page = matching.slice(start, start + limit);
  const last = start + page.length - 1;
  return {
    data: page.map((template) =>
      selectFields({ ...template }, fields, DEFAULT_FIELDS, "WhatsAppMessageTemplate"),
    ),
    ...(page.length === 0
      ? {}
      : {
          paging: {
            cursors: { before: cursor(start), after: cursor(last) },
            ...(last + 1 < matching.length ? { next: pageUrl(url, cursor(last)) } : {}),
          },
        }),
  };
}

function matches(template: Template, filters: Filters): boolean {
  return (
    // By substring, the less convenient of the two readings of Meta's page, so that a client cannot rely on the other.
    (filters.name === undefined || template.name.includes(filters.name)) &&
    (filters.language === undefined || template.language === filters.language) &&
    (filters.status === undefined || template.status === filters.status) &&
    (filters.category === undefined || template.category === filters.category)
  );
}

function cursor(position: number): string {
  return btoa(String(position));
}

function positionOf(after: string): number {
  const position = /^[\w+/=]+$/.test(after) ? Number(decoded(after)) : Number.NaN;
  if (!Number.isInteger(position)) throw new GraphError(100, { message: "(#100) Param after is not valid" });
  return position;
}

function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return "";
  }
}

function pageUrl(current: string, after: string): string {
  const url = new URL(current);
  url.searchParams.set("after", after);
  return url.href;
}
