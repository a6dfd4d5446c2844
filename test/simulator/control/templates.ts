import { Hono } from "hono";
import * as z from "zod";
import type { TemplateShelf } from "../templates/shelf.ts";
import {
  CATEGORIES,
  QUALITY_SCORES,
  TEMPLATE_STATUSES,
  type Template,
  type TemplateStatus,
} from "../templates/template.ts";
import type { Deliveries } from "../webhooks/deliveries.ts";
import {
  categoryChange,
  qualityChange,
  statusChange,
  type TemplateEvent,
} from "../webhooks/template-changes.ts";
import { body } from "./input.ts";

interface TemplateControlOptions {
  shelf: TemplateShelf;
  deliveries: Deliveries;
}

const statusRequest = z.strictObject({
  language: z.string().optional(),
  status: z.enum([...TEMPLATE_STATUSES, "FLAGGED", "LOCKED", "REINSTATED", "UNARCHIVED"]),
  reason: z.string().min(1).nullable().default(null),
});

const categoryRequest = z.strictObject({ language: z.string().optional(), category: z.enum(CATEGORIES) });

const qualityRequest = z.strictObject({ language: z.string().optional(), score: z.enum(QUALITY_SCORES) });

/** `/_sim/templates`: reviews and quality ratings of Meta. */
export function templateControls({ shelf, deliveries }: TemplateControlOptions): Hono {
  const app = new Hono();

  app.get("/", (c) => c.json({ templates: shelf.all() }));

  app.post("/:name/status", async (c) => {
    const { language, status: event, reason } = await body(c, statusRequest);
    const templates = shelf.named(c.req.param("name"), language);
    if (templates.length === 0) return c.json({ error: `no template ${c.req.param("name")}` }, 404);
    for (const template of templates) {
      const status = statusAfter(template, event);
      shelf.put({
        ...template,
        status,
        rejected_reason: status === "REJECTED" ? (reason ?? "NONE") : "NONE",
      });
    }
    const changes = templates.map((template) => statusChange(template, event, reason));
    return c.json({ webhook_status: await deliveries.announce(changes) });
  });

  app.post("/:name/category", async (c) => {
    const { language, category } = await body(c, categoryRequest);
    const templates = shelf.named(c.req.param("name"), language);
    if (templates.length === 0) return c.json({ error: `no template ${c.req.param("name")}` }, 404);
    const changes = templates.map((template) => categoryChange(template, category));
    for (const template of templates) shelf.put({ ...template, category });
    return c.json({ webhook_status: await deliveries.announce(changes) });
  });

  app.post("/:name/quality", async (c) => {
    const { language, score } = await body(c, qualityRequest);
    const templates = shelf.named(c.req.param("name"), language);
    if (templates.length === 0) return c.json({ error: `no template ${c.req.param("name")}` }, 404);
    const changes = templates.map((template) => qualityChange(template, score));
    for (const template of templates) shelf.put({ ...template, quality_score: { score } });
    return c.json({ webhook_status: await deliveries.announce(changes) });
  });

  return app;
}

function statusAfter(template: Template, event: TemplateEvent): TemplateStatus {
  switch (event) {
    case "REINSTATED":
    case "UNARCHIVED":
      return "APPROVED";
    case "FLAGGED":
    case "LOCKED":
      return template.status;
    default:
      return event;
  }
}
