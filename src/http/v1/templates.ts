import * as z from "zod";
import { described, documented } from "../../platform/documented.ts";
import { Problem, pointerTo } from "../../platform/problem.ts";
import { languageList, type TemplateDraft, templateDraft } from "../../templates/draft.ts";
import { STARTER_NAMES, setUp } from "../../templates/starter-set/starter-set.ts";
import { TEMPLATE_NAME, templateSchema } from "../../templates/template.ts";
import type { Templates } from "../../templates/templates.ts";
import type { Written } from "../../templates/write.ts";
import { templateBody, toTemplateBody } from "../../wire/template.ts";
import { anyText, defineEndpoint, type Handlers, orNotFound } from "../endpoint.ts";
import { locale } from "./fields.ts";
import { pageBody, pageQuery } from "./page.ts";

const change = documented(() =>
  z.object({
    template: z.string(),
    language: z.string(),
    before: z.string().nullable().meta({ description: "Its status; null for what is new." }),
    after: z.string().nullable().meta({ description: "Its status; null for what is no more." }),
  }),
);
const changes = documented(() => z.array(change));

const setUpRow = documented(() =>
  z.object({
    template: z.string(),
    language: z.string(),
    asked: z.boolean().meta({ description: "False where there are no words for it in the language." }),
    status: z.string().nullable(),
    waiting: z.boolean().meta({
      description:
        "True where Meta does not allow authentication templates for the account yet. Sandi creates it once Meta does.",
    }),
    detail: z.string().nullable(),
  }),
);

const DELETION_WARNING =
  "If it was approved, WhatsApp does not accept its name for 30 days. Create its successor under another name.";

const text = documented(() => z.string().nullable());
const previewBody = documented(() =>
  z.object({
    template: z.string(),
    language: z.string(),
    header: text,
    body: z.string(),
    footer: text,
    buttons: templateSchema.shape.languages.valueType.shape.buttons,
  }),
);

const OF_THE_ACCOUNT = "Templates belong to the WhatsApp account, which all apps send from.";

export const templateDefinitions = {
  listTemplates: defineEndpoint({
    operationId: "listTemplates",
    method: "get",
    path: "/v1/templates",
    scope: "templates",
    sharedByApps: OF_THE_ACCOUNT,
    docs: documented(() => ({
      summary: "List templates",
      description: "By name, as of the last sync and webhook.",
      responses: { 200: { description: "A page of templates.", schema: pageBody(templateBody) } },
      problems: [],
    })),
    query: z.strictObject(pageQuery),
  }),

  syncTemplates: defineEndpoint({
    operationId: "syncTemplates",
    method: "post",
    path: "/v1/templates/sync",
    scope: "templates",
    sharedByApps: OF_THE_ACCOUNT,
    docs: documented(() => ({
      summary: "Pull templates from WhatsApp",
      description: "As happens once a day by itself.",
      responses: {
        200: {
          description: "What has changed since, language by language.",
          schema: z.object({ added: changes, changed: changes, removed: changes }),
        },
      },
      problems: ["provider_failed"],
    })),
  }),

  setUpTemplates: defineEndpoint({
    operationId: "setUpTemplates",
    method: "post",
    path: "/v1/templates/setup",
    scope: "templates",
    sharedByApps: OF_THE_ACCOUNT,
    docs: documented(() => ({
      summary: "Create the starter set",
      description: `Templates for codes and for what else a business has to say: ${STARTER_NAMES.join(", ")}. Harmless to repeat.`,
      example: { languages: ["en_US", "id", "pt_BR"] },
      responses: {
        200: {
          description: "What WhatsApp said of each; a `status` of null comes with the reason.",
          schema: z.object({ data: z.array(setUpRow) }),
        },
      },
      problems: [],
    })),
    body: z
      .strictObject({
        languages: languageList,
        templates: z
          .array(z.enum(STARTER_NAMES as [string, ...string[]]))
          .min(1)
          .default([...STARTER_NAMES])
          .meta(described({ description: "Only these." })),
      })
      .meta(described({ id: "SetUpTemplates" })),
  }),

  getTemplate: defineEndpoint({
    operationId: "getTemplate",
    method: "get",
    path: "/v1/templates/{name}",
    scope: "templates",
    sharedByApps: OF_THE_ACCOUNT,
    docs: documented(() => ({
      summary: "Read a template",
      description: "In all its languages. Only those that are APPROVED are sent.",
      responses: { 200: { description: "The template.", schema: templateBody } },
      problems: ["not_found"],
    })),
    params: { name: anyText },
  }),

  putTemplate: defineEndpoint({
    operationId: "putTemplate",
    method: "put",
    path: "/v1/templates/{name}",
    scope: "templates",
    sharedByApps: OF_THE_ACCOUNT,
    docs: documented(() => ({
      summary: "Create or update a template",
      description:
        "At WhatsApp, in each language of the body; others stay. What says the same already is left alone, so that a " +
        "call that failed in one language can be repeated.",
      example: { category: "authentication", languages: ["en_US", "id"], code_expiration_minutes: 5 },
      responses: {
        200: { description: "The template as it is now, PENDING while under review.", schema: templateBody },
      },
      problems: ["template_rejected", "provider_failed", "not_found"],
    })),
    params: { name: anyText },
    body: templateDraft,
    // Room for every language with every text at its longest.
    largestBodyBytes: 512 * 1024,
  }),

  deleteTemplate: defineEndpoint({
    operationId: "deleteTemplate",
    method: "delete",
    path: "/v1/templates/{name}",
    scope: "templates",
    sharedByApps: OF_THE_ACCOUNT,
    docs: documented(() => ({
      summary: "Delete a template",
      description: `At WhatsApp and here, in all its languages. ${DELETION_WARNING}`,
      responses: {
        200: { description: "Deleted.", schema: z.object({ name: z.string(), warning: z.string() }) },
      },
      problems: ["not_found", "template_rejected", "provider_failed"],
    })),
    params: { name: anyText },
  }),

  previewTemplate: defineEndpoint({
    operationId: "previewTemplate",
    method: "get",
    path: "/v1/templates/{name}/preview",
    scope: "templates",
    sharedByApps: OF_THE_ACCOUNT,
    docs: documented(() => ({
      summary: "Preview a template",
      description:
        "As the user will see it, in the language that suits the locale best: with examples, or in WhatsApp's own words.",
      responses: { 200: { description: "The text.", schema: previewBody } },
      problems: ["not_found", "template_rejected", "provider_failed"],
    })),
    params: { name: anyText },
    query: z.strictObject({
      locale: locale.optional().meta(described({ description: "The user's language, in BCP 47." })),
    }),
  }),
};

export function templateHandlers(
  templates: Templates,
  defaultLocale: string,
): Handlers<typeof templateDefinitions> {
  return {
    async listTemplates({ query: { limit, after = null } }) {
      const found = await templates.list(limit + 1, after);
      const page = found.slice(0, limit);
      const next = found.length > limit ? (page.at(-1)?.name ?? null) : null;
      return { status: 200, body: { data: page.map(toTemplateBody), next }, outcome: "listed" };
    },
    async syncTemplates() {
      const all = await templates.sync();
      const body = {
        added: all.filter(({ before }) => before === null),
        changed: all.filter(({ before, after }) => before !== null && after !== null),
        removed: all.filter(({ after }) => after === null),
      };
      return { status: 200, body, outcome: "synced" };
    },
    async setUpTemplates({ body }) {
      const data = await setUp(templates, body.templates, body.languages);
      return { status: 200, body: { data }, outcome: "set up" };
    },
    async getTemplate({ params: { name } }) {
      const template = orNotFound(await templates.get(name));
      return { status: 200, body: toTemplateBody(template), outcome: "read" };
    },
    async putTemplate({ params: { name }, body }) {
      checkName(name);
      throwIfRefused(await templates.put(name, body), body);
      const template = orNotFound(await templates.get(name));
      return { status: 200, body: toTemplateBody(template), outcome: "written" };
    },
    async deleteTemplate({ params: { name } }) {
      if (!(await templates.delete(name))) throw new Problem("not_found");
      return { status: 200, body: { name, warning: DELETION_WARNING }, outcome: "deleted" };
    },
    async previewTemplate({ params: { name }, query }) {
      const preview = await templates.preview(name, query.locale ?? defaultLocale);
      if (preview === null) {
        throw new Problem("not_found", {
          detail: "There is no such template, or its text is not known: sync.",
        });
      }
      return { status: 200, body: preview, outcome: "read" };
    },
  };
}

function checkName(name: string): void {
  if (TEMPLATE_NAME.test(name)) return;
  const detail = "A template's name takes 1 to 500 lower-case letters, digits and underscores.";
  throw new Problem("invalid_request", { detail, errors: [{ pointer: "/name", detail }] });
}

/** Throws one problem for all languages that WhatsApp rejected: the first one's, with a pointer to each. */
function throwIfRefused(written: readonly Written[], { languages }: TemplateDraft): void {
  const refused = written.filter((result) => result.kind === "refused");
  const [first] = refused;
  if (first === undefined) return;
  const { code, extras } = first.problem;
  const errors = refused.map(({ language, problem }) => ({
    pointer: pointerTo(["languages", Array.isArray(languages) ? languages.indexOf(language) : language]),
    detail: problem.extras.detail ?? "",
  }));
  throw new Problem(code, { ...extras, errors });
}
