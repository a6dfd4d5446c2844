/** What a deployment remembers of WhatsApp. Times in milliseconds since the epoch. */
export interface Memory {
  /** Meta's last handshake with the webhook's address. */
  readonly handshake: { readonly at: number; readonly tokenWasRight: boolean } | null;
  /** The host that Meta's last handshake with the right token came to: a deployment may have several. */
  readonly webhookHost: { readonly host: string; readonly at: number } | null;
  /** When a webhook last came with a right signature, and with a wrong one. */
  readonly rightSignatureAt: number | null;
  readonly wrongSignatureAt: number | null;
  /** When WhatsApp last accepted a message, and last reported one as sent. */
  readonly acceptedAt: number | null;
  readonly sentAt: number | null;
  /** Accepted messages that WhatsApp has said nothing of since; `since` is the time of the first. */
  readonly unreported: { readonly count: number; readonly since: number } | null;
  /** When a webhook last said that Meta's own agent answers in place of this app. */
  readonly standbyAt: number | null;
  /** The last update of the account, and until when its restriction lasts. */
  readonly accountUpdate: AccountUpdateSeen | null;
  /** The errors that messages met within a day. */
  readonly errors: readonly ErrorSeen[];
  /** When a webhook was last about each of the team's senders, by Meta's id. */
  readonly heardAt: Readonly<Record<string, number>>;
  readonly templatesSyncedAt: number | null;
  /** The last refusal of each template that could not be created. */
  readonly templateRefusals: readonly TemplateRefusal[];
  /** When approved templates were deleted, by name. */
  readonly deletedTemplates: Readonly<Record<string, number>>;
  /** Meta's refusal of the last registration of a number; null where it took it. */
  readonly registrationRefusal: { readonly code: number; readonly at: number } | null;
  /** Recipients of the last 24 hours that count towards the messaging limit; null where they are not counted. */
  readonly recipientsToday: number | null;
}

export interface AccountUpdateSeen {
  readonly event: string;
  readonly until: number | null;
  readonly at: number;
}

/** An error that messages met within a day, by its code and the recipients' country. */
export interface ErrorSeen {
  readonly code: string;
  readonly country: string | null;
  readonly count: number;
  readonly at: number;
}

export interface TemplateRefusal {
  readonly template: string;
  readonly code: number;
  readonly subcode: number | null;
  readonly at: number;
}

export const NOTHING_REMEMBERED: Memory = {
  handshake: null,
  webhookHost: null,
  rightSignatureAt: null,
  wrongSignatureAt: null,
  acceptedAt: null,
  sentAt: null,
  unreported: null,
  standbyAt: null,
  accountUpdate: null,
  errors: [],
  heardAt: {},
  templatesSyncedAt: null,
  templateRefusals: [],
  deletedTemplates: {},
  registrationRefusal: null,
  recipientsToday: null,
};
