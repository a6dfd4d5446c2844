import { Hono } from "hono";
import * as z from "zod";
import type { Store } from "../store.ts";
import { authenticationTemplate, type Template } from "../templates.ts";
import { GraphError, unknownObject } from "./errors.ts";
import { selectFields } from "./fields.ts";
import { requestBody } from "./request-body.ts";
import { createSchema, templateChoice, upsertSchema } from "./template-request.ts";

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

/** List, create and bulk upsert of message templates, below a version. */
export function templateRoutes(businessAccountId: string, store: Store): Hono {
  const app = new Hono();

  app.use("/:id/:edge{message_templates|upsert_message_templates}", async (c, next) => {
    const id = c.req.param("id");
    if (id !== businessAccountId) throw unknownObject(c.req.method, id);
    await next();
  });

  app.get("/:id/message_templates", (c) => {
    const query = listQuery.safeParse(c.req.query());
    if (!query.success) {
      const [issue] = query.error.issues;
      throw new GraphError(100, { message: `(#100) Param ${issue?.path.join(".")} is not valid` });
    }
    const { limit, after, fields, ...filters } = query.data;
    const matching = store.templates().filter((template) => matches(template, filters));
    const start = after === undefined ? 0 : positionOf(after) + 1;
    const page = matching.slice(start, start + limit);
    const last = start + page.length - 1;
    return c.json({
      data: page.map((template) => templateNode(template, fields)),
      ...(page.length === 0
        ? {}
        : {
            paging: {
              cursors: { before: cursor(start), after: cursor(last) },
              ...(last + 1 < matching.length ? { next: pageUrl(c.req.url, cursor(last)) } : {}),
            },
          }),
    });
  });

  app.post("/:id/message_templates", async (c) => {
    const request = await requestBody(c.req, createSchema);
    if (store.template(request.name, request.language)) {
      throw new GraphError(100, {
        subcode: 2388024,
        message: "Invalid parameter",
        user: {
          title: "Content in This Language Already Exists",
          message: `There is already ${request.language} content for the template ${request.name}`,
        },
      });
    }
    const template = put(store, templateChoice(request, request.language));
    return c.json({ id: template.id, status: template.status, category: template.category });
  });

  app.post("/:id/upsert_message_templates", async (c) => {
    const request = await requestBody(c.req, upsertSchema);
    const data = request.languages.map((language) => {
      const { id, status } = put(store, templateChoice(request, language));
      return { id, status, language };
    });
    return c.json({ data });
  });

  return app;
}

function put(store: Store, choice: ReturnType<typeof templateChoice>): Template {
  const id = store.template(choice.name, choice.language)?.id ?? newTemplateId();
  const template = authenticationTemplate(id, choice);
  store.putTemplate(template);
  return template;
}

function matches(
  template: Template,
  filters: {
    name?: string | undefined;
    language?: string | undefined;
    status?: string | undefined;
    category?: string | undefined;
  },
): boolean {
  return (
    // By substring, the less convenient of the two readings of Meta's page, so that a client cannot rely on the other.
    (filters.name === undefined || template.name.includes(filters.name)) &&
    (filters.language === undefined || template.language === filters.language) &&
    (filters.status === undefined || template.status === filters.status) &&
    (filters.category === undefined || template.category === filters.category)
  );
}

function templateNode(template: Template, fields: string | undefined): Record<string, unknown> {
  const node = {
    ...template,
    rejected_reason: "NONE",
    quality_score: { score: "UNKNOWN" },
  };
  return selectFields(node, fields, DEFAULT_FIELDS, "WhatsAppMessageTemplate");
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

function newTemplateId(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return String(700_000_000_000_000 + random);
}
