/** Statuses of a template in the Graph API. Source: Meta's v25.0 specification. */
export const TEMPLATE_STATUSES = [
  "APPROVED",
  "ARCHIVED",
  "DELETED",
  "DISABLED",
  "IN_APPEAL",
  "LIMIT_EXCEEDED",
  "PAUSED",
  "PENDING",
  "PENDING_DELETION",
  "REJECTED",
] as const;

export type TemplateStatus = (typeof TEMPLATE_STATUSES)[number];

export const QUALITY_SCORES = ["GREEN", "YELLOW", "RED", "UNKNOWN"] as const;

export type QualityScore = (typeof QUALITY_SCORES)[number];

/** A template that was made as one of the first two can become the third, by Meta's decision. */
export const CATEGORIES = ["AUTHENTICATION", "UTILITY", "MARKETING"] as const;

export type TemplateCategory = (typeof CATEGORIES)[number];

/** A template in one language, as the Graph API reads it back. */
export interface Template {
  /** Digits; few enough for a JSON integer, which webhooks write. */
  id: string;
  name: string;
  /** As WhatsApp spells it: `en_US`. */
  language: string;
  status: TemplateStatus;
  category: TemplateCategory;
  parameter_format: "POSITIONAL" | "NAMED";
  components: TemplateComponent[];
  message_send_ttl_seconds: number;
  /** `NONE` unless it was rejected with a reason. */
  rejected_reason: string;
  quality_score: { score: QualityScore };
  /** Only of a template that was made from Meta's library. */
  library_template_name?: string;
}

/** Texts have their variables as `{{1}}` or, in a template with named parameters, `{{name}}`. */
export type TemplateComponent =
  | { type: "HEADER"; format: "TEXT"; text: string; example?: object | undefined }
  | { type: "BODY"; text: string; add_security_recommendation?: boolean; example?: object | undefined }
  | { type: "FOOTER"; text: string; code_expiration_minutes?: number }
  | { type: "BUTTONS"; buttons: TemplateButton[] };

/** The OTP button of an authentication template has become a URL button by the time it is read back. */
export type TemplateButton =
  | { type: "URL"; text: string; url: string; example?: string[] | undefined }
  | { type: "QUICK_REPLY"; text: string }
  | { type: "PHONE_NUMBER"; text: string; phone_number: string };

/** The buttons of a template in their order; none where it has none. */
export function buttonsOf({ components }: Template): TemplateButton[] {
  return components.find((component) => component.type === "BUTTONS")?.buttons ?? [];
}

/** The text of a template's header, body or footer. */
export function textOf({ components }: Template, type: "HEADER" | "BODY" | "FOOTER"): string | null {
  for (const component of components) if (component.type === type) return component.text;
  return null;
}

/** An id that no other template has. */
export function newTemplateId(): string {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return String(700_000_000_000_000 + random);
}
