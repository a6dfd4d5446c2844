import * as z from "zod";
import { LONGEST } from "../fill.ts";
import { checkLanguages, spelled, timeToLive } from "./fields.ts";
import { faultsIn } from "./utility-rules.ts";

const text = (most: number) => z.string().min(1).max(most);
const label = text(LONGEST.button);

/** The kinds of buttons that a notification can carry; lengths of address and number by Meta's reference, unconfirmed. */
const button = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("url"), text: label, url: text(2000) }),
  z.strictObject({ type: z.literal("quick_reply"), text: label }),
  z.strictObject({
    type: z.literal("phone_number"),
    text: label,
    phone_number: z.string().regex(/^\+?\d{7,19}$/),
  }),
]);

const texts = z
  .strictObject({
    header: text(LONGEST.header).optional(),
    body: text(LONGEST.body),
    footer: text(LONGEST.footer).optional(),
    buttons: z.array(button).default([]),
    examples: z
      .record(z.string(), text(LONGEST.body))
      .default({})
      .meta({ description: "A value for each parameter." }),
  })
  .superRefine((language, context) => {
    for (const { path, message } of faultsIn(language)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  })
  .meta({ id: "UtilityTexts" });

/** A utility template as the team wants it; the bounds are those of Meta's pages "Template components" and "Time to live". */
export const utilityDraft = z
  .strictObject({
    category: z.literal("utility"),
    languages: z
      .record(z.string().max(35), texts)
      .superRefine((languages, context) => checkLanguages(Object.keys(languages), context, (tag) => tag))
      .transform((languages) =>
        Object.fromEntries(Object.entries(languages).map(([tag, one]) => [spelled(tag), one])),
      )
      .meta({ description: "By language, in BCP 47 or as WhatsApp spells it." }),
    message_send_ttl_seconds: timeToLive(43_200).optional(),
  })
  .meta({ id: "UtilityTemplate" });

export type UtilityDraft = z.output<typeof utilityDraft>;
