import { Problem, pointerTo } from "../../../platform/problem.ts";
import { type TemplateDraft, templateDraft } from "../../../templates/draft.ts";
import type { Templates } from "../../../templates/templates.ts";
import type { Written } from "../../../templates/write.ts";
import { endpoint } from "../endpoint.ts";
import { checkedName, templateBody, toTemplateBody } from "./body.ts";

export function putTemplate(templates: Templates) {
  return endpoint({
    operationId: "putTemplate",
    method: "put",
    path: "/v1/templates/{name}",
    scope: "templates",
    summary: "Create or update a template",
    description:
      "At WhatsApp, in each language of the body; others stay. What says the same already is left alone, so that a " +
      "call that failed in one language can be repeated.",
    body: templateDraft,
    // Every language with every text at its longest.
    largestBodyBytes: 512 * 1024,
    example: { category: "authentication", languages: ["en_US", "id"], code_expiration_minutes: 5 },
    responses: {
      200: { description: "The template as it is now, PENDING while under review.", schema: templateBody },
    },
    problems: ["template_rejected", "provider_failed"],
    async handle({ name, body }) {
      const written = await templates.put(checkedName(name), body);
      refuse(written, body);
      const template = await templates.get(name);
      if (template === null) throw new Problem("not_found");
      return { status: 200, body: toTemplateBody(template), outcome: "written" };
    },
  });
}

/** One problem for all languages that WhatsApp did not take: in the words of the first, with each by its pointer. */
function refuse(written: readonly Written[], { languages }: TemplateDraft): void {
  const refused = written.filter((one) => one.kind === "refused");
  const [first] = refused;
  if (first === undefined) return;
  const { code, extras } = first.problem;
  const errors = refused.map(({ language, problem }) => ({
    pointer: pointerTo(["languages", Array.isArray(languages) ? languages.indexOf(language) : language]),
    detail: problem.extras.detail ?? "",
  }));
  throw new Problem(code, { ...extras, errors });
}
