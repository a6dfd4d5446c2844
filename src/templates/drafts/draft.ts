import * as z from "zod";
import { authenticationDraft } from "./authentication.ts";
import { utilityDraft } from "./utility.ts";

/** A template as a team wants it at WhatsApp. */
export const templateDraft = z.discriminatedUnion("category", [authenticationDraft, utilityDraft]);

export type TemplateDraft = z.output<typeof templateDraft>;
