import { NOTHING_OBSERVED, type Observed } from "../channels/whatsapp/observations.ts";

/** What a deployment remembers of WhatsApp. Times in milliseconds since the epoch. */
export interface Memory extends Observed {
  /** The last refusal of each template that could not be created. */
  readonly templateRefusals: readonly TemplateRefusal[];
  /** When approved templates were deleted, by name. */
  readonly deletedTemplates: Readonly<Record<string, number>>;
  /** Meta's refusal of the last registration of a number; null where it took it. */
  readonly registrationRefusal: { readonly code: number; readonly at: number } | null;
  /** Recipients of the last 24 hours that count towards the messaging limit; null where they are not counted. */
  readonly recipientsToday: number | null;
}

export interface TemplateRefusal {
  readonly template: string;
  readonly code: number;
  readonly subcode: number | null;
  readonly at: number;
}

const NOTHING_ELSE: Omit<Memory, keyof Observed> = {
  templateRefusals: [],
  deletedTemplates: {},
  registrationRefusal: null,
  recipientsToday: null,
};

export const NOTHING_REMEMBERED: Memory = Object.assign({}, NOTHING_OBSERVED, NOTHING_ELSE);
