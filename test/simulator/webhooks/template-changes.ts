import type { QualityScore, Template, TemplateCategory, TemplateStatus } from "../templates/template.ts";

/** The events of `message_template_status_update`; not all of them are statuses of the Graph API. */
export type TemplateEvent = TemplateStatus | "FLAGGED" | "LOCKED" | "REINSTATED" | "UNARCHIVED";

/** A status update of one template in one language, without what Meta adds for some events only. */
export function statusChange(template: Template, event: TemplateEvent, reason: string | null) {
  return {
    field: "message_template_status_update",
    value: { event, ...subject(template), reason, message_template_category: template.category },
  };
}

/** A quality update, before the template has its new score. */
export function qualityChange(template: Template, newScore: QualityScore) {
  return {
    field: "message_template_quality_update",
    value: {
      previous_quality_score: template.quality_score.score,
      new_quality_score: newScore,
      ...subject(template),
    },
  };
}

/** A category update, before the template has its new category. */
export function categoryChange(template: Template, new_category: TemplateCategory) {
  return {
    field: "template_category_update",
    value: { previous_category: template.category, new_category, ...subject(template) },
  };
}

/** Webhooks write languages with a hyphen, the Graph API with an underscore. */
function subject({ id, name, language }: Template) {
  return {
    message_template_id: Number(id),
    message_template_name: name,
    message_template_language: language.replace("_", "-"),
  };
}
