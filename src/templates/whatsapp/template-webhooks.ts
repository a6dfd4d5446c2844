import * as z from "zod";
import type { Change } from "../../channels/whatsapp/webhook.ts";
import { TEMPLATE_NAME, templateSchema } from "../template.ts";
import { reasonOf } from "./listing.ts";

/** A webhook's update of one template. */
export interface TemplateUpdate {
  readonly name: string;
  /** WhatsApp's language code, as its API writes it. */
  readonly language: string;
  readonly id: string | null;
  /** The end of the webhook's second, in milliseconds since the epoch. */
  readonly at: number;
  readonly change:
    | {
        readonly kind: "status";
        readonly status: string;
        readonly reason: string | null;
        readonly category: Category | null;
      }
    | { readonly kind: "quality"; readonly quality: string }
    | { readonly kind: "category"; readonly category: Category };
}

type Category = z.output<typeof category>;

const category = z.string().toLowerCase().pipe(templateSchema.shape.category);
const about = z.object({
  message_template_name: z.string().regex(TEMPLATE_NAME),
  message_template_language: z.string().min(2).max(35),
  // A number in webhooks, a string in the API.
  message_template_id: z.union([z.string(), z.int()]).transform(String).nullish(),
});
const statusUpdate = about.extend({
  event: z.string(),
  reason: z.string().nullish(),
  message_template_category: category.nullish().catch(null),
});
const qualityUpdate = about.extend({ new_quality_score: z.string() });
/** `new_category` is the current category; `correct_category`, which announces a future one, is ignored. */
const categoryUpdate = about.extend({ new_category: category });

/** Events that restore a template to the status `APPROVED`. */
const APPROVED_AGAIN = ["REINSTATED", "UNARCHIVED"];
/** Events that do not change the status. That a locked template may still be sent is unconfirmed. */
const NO_STATUS = ["FLAGGED", "LOCKED"];

/** Reads a template update from a change; null for any other change. */
export function readTemplateUpdate({ field, value, time }: Change): TemplateUpdate | null {
  const at = time > 0 ? time * 1000 + 999 : Date.now();
  switch (field) {
    case "message_template_status_update":
      return read(statusUpdate, value, at, ({ event, reason, message_template_category }) => {
        if (NO_STATUS.includes(event)) return null;
        const status = APPROVED_AGAIN.includes(event) ? "APPROVED" : event;
        return {
          kind: "status",
          status,
          reason: reasonOf(reason),
          category: message_template_category ?? null,
        };
      });
    case "message_template_quality_update":
      return read(qualityUpdate, value, at, ({ new_quality_score: quality }) => ({
        kind: "quality",
        quality,
      }));
    case "template_category_update":
      return read(categoryUpdate, value, at, ({ new_category }) => ({
        kind: "category",
        category: new_category,
      }));
    default:
      return null;
  }
}

function read<Schema extends z.ZodType<z.output<typeof about>>>(
  schema: Schema,
  value: unknown,
  at: number,
  changeOf: (update: z.output<Schema>) => TemplateUpdate["change"] | null,
): TemplateUpdate | null {
  const update = schema.safeParse(value).data;
  const change = update === undefined ? null : changeOf(update);
  if (update === undefined || change === null) return null;
  return {
    name: update.message_template_name,
    // Webhooks use `en-US`, the API `en_US`.
    language: update.message_template_language.replaceAll("-", "_"),
    id: update.message_template_id ?? null,
    at,
    change,
  };
}
