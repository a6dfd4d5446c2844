import { Hono } from "hono";
import * as z from "zod";
import { mayHaveAuthenticationTemplates } from "../account/account.ts";
import { authenticationTemplate } from "../templates/authentication.ts";
import { newTemplateId, type Template, type TemplateStatus } from "../templates/template.ts";
import { type Access, type GraphEnv, MANAGEMENT_SCOPE } from "./access.ts";
import { authenticationCreateSchema, templateChoice, upsertSchema } from "./authentication-request.ts";
import { GraphError, unknownObject } from "./errors.ts";
import { isFromLibrary, listLibrary, templateFromLibrary } from "./library-request.ts";
import { requestJson, validated } from "./request-body.ts";
import type { GraphOptions } from "./routes.ts";
import { listTemplates } from "./template-list.ts";
import { templatePreviews } from "./template-previews.ts";
import { categorySchema } from "./template-request.ts";
import { utilityCreateSchema, utilityEditSchema, utilityTemplate } from "./utility-request.ts";
import { templateError } from "./utility-texts.ts";

/** Only a template in one of these can be edited. Source: Meta, template management. */
const EDITABLE: readonly TemplateStatus[] = ["APPROVED", "REJECTED", "PAUSED"];

const deleteQuery = z.object({ name: z.string().min(1), hsm_id: z.string().optional() });

/** List, preview, create, bulk upsert, edit and delete of message templates, below a version. */
export function templateRoutes(
  access: Access,
  { account, store, behaviour, now, onReviewed }: GraphOptions,
): Hono<GraphEnv> {
  const app = new Hono<GraphEnv>();
  const shelf = store.templates;
  const reviewed = (): TemplateStatus => (behaviour.current.review === "manual" ? "PENDING" : "APPROVED");

  const edges = "message_templates|upsert_message_templates|message_template_previews";
  app.use(`/:id/:edge{${edges}}`, async (c, next) => {
    const id = c.req.param("id");
    access.requireAccount(c.get("caller"), c.req.method, id);
    if (id !== account.businessAccountId) throw unknownObject(c.req.method, id);
    if (c.req.method !== "GET") access.requireTemplateTask();
    await next();
  });

  app.get("/message_template_library", (c) => {
    access.requireScope(c.get("caller"), MANAGEMENT_SCOPE);
    return c.json(listLibrary(c.req.query()));
  });
  app.get("/:id/message_templates", (c) => c.json(listTemplates(shelf.all(), c.req.url)));
  app.get("/:id/message_template_previews", (c) => c.json({ data: templatePreviews(c.req.query()) }));

  app.post("/:id/message_templates", async (c) => {
    const template = newTemplate(await requestJson(c.req), reviewed());
    const { id, name, language, status, category } = template;
    if (category === "AUTHENTICATION") requireEligibility();
    checkName(name, language);
    if (shelf.get(name, language)) {
      throw templateError(
        2388024,
        "Content in This Language Already Exists",
        `There is already ${language} content for the template ${name}`,
      );
    }
    shelf.put(template);
    return c.json({ id, status, category });
  });

  app.post("/:id/upsert_message_templates", async (c) => {
    const request = validated(await requestJson(c.req), upsertSchema);
    requireEligibility();
    for (const language of request.languages) checkName(request.name, language);
    const data = request.languages.map((language) => {
      const id = shelf.get(request.name, language)?.id ?? newTemplateId();
      const template = authenticationTemplate(id, templateChoice(request, language), reviewed());
      shelf.put(template);
      return { id, status: template.status, language };
    });
    return c.json({ data });
  });

  app.delete("/:id/message_templates", (c) => {
    const { name, hsm_id } = validated(c.req.query(), deleteQuery);
    const found = hsm_id === undefined ? shelf.named(name)[0] : shelf.withId(hsm_id);
    if (!found || found.name !== name) {
      throw new GraphError(100, { message: `(#100) Message template "${name}" does not exist` });
    }
    if (hsm_id === undefined) shelf.deleteNamed(name, now());
    else shelf.deleteOne(found, now());
    return c.json({ success: true });
  });

  app.post("/:id", async (c) => {
    const template = shelf.withId(c.req.param("id"));
    if (!template) throw unknownObject("post", c.req.param("id"));
    access.requireAccount(c.get("caller"), "post", account.businessAccountId);
    access.requireTemplateTask();
    const edited = editedTemplate(template, await requestJson(c.req), reviewed());
    shelf.put(edited);
    if (edited.status !== template.status) onReviewed(edited);
    return c.json({ success: true });
  });

  function requireEligibility(): void {
    if (mayHaveAuthenticationTemplates(store.account.settings)) return;
    throw new GraphError(10, {
      subcode: 2388185,
      message: "(#10) Application does not have permission for this action",
      user: {
        title: "Unable to create message template",
        message: "This WhatsApp Business account does not have permission to create message template",
      },
    });
  }

  function checkName(name: string, language: string): void {
    if (!shelf.isBlocked(name, language, now())) return;
    // Meta's subcode for this is not confirmed, so there is none.
    throw new GraphError(100, {
      message: "Invalid parameter",
      user: {
        title: "Message template is being deleted",
        message: `The name ${name} of a deleted template cannot be used for 30 days`,
      },
    });
  }

  return app;
}

function newTemplate(json: unknown, status: TemplateStatus): Template {
  const id = newTemplateId();
  if (isFromLibrary(json)) return templateFromLibrary(id, json);
  if (validated(json, categorySchema).category === "AUTHENTICATION") {
    const request = validated(json, authenticationCreateSchema);
    return authenticationTemplate(id, templateChoice(request, request.language), status);
  }
  const { name, language, ...content } = validated(json, utilityCreateSchema);
  return utilityTemplate({ id, name, language }, content, status);
}

/** The template with other components; what is not named keeps its name, language and category. */
function editedTemplate(template: Template, json: unknown, status: TemplateStatus): Template {
  if (!EDITABLE.includes(template.status)) {
    throw templateError(2388039, "Message template can't be edited", `It is ${template.status}`);
  }
  const { id, name, language, parameter_format, message_send_ttl_seconds } = template;
  // What Meta moved to marketing was made as a utility template, and an edit is reviewed as one again.
  const category = template.category === "MARKETING" ? "UTILITY" : template.category;
  const kept = { name, language, category, parameter_format, message_send_ttl_seconds };
  const whole = { ...kept, ...validated(json, z.looseObject({})), name, language };
  if (validated(whole, categorySchema).category !== category) {
    throw new GraphError(100, { message: "(#100) Param category is not valid: the simulator keeps it" });
  }
  const before = { ...template, rejected_reason: "NONE", status };
  if (!Object.hasOwn(whole, "components")) return before;
  if (category === "UTILITY") return utilityTemplate(template, validated(whole, utilityEditSchema), status);
  const request = validated(whole, authenticationCreateSchema);
  return authenticationTemplate(id, templateChoice(request, language), status);
}
