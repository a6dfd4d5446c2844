/** A moment: its place in the order of all that happened, and the clock's word for it. */
export interface Moment {
  readonly order: number;
  /** Milliseconds since the epoch. */
  readonly ms: number;
}

/** What a client asks for. */
export type Operation = "start" | "resend" | "check" | "cancel" | "read" | "list";

/**
 * How it asks: as it should; with no key or what is none; with one that looks right and that nobody has; with
 * one for something else; or with bad input.
 */
export type RequestKind = "lawful" | "stranger" | "unknown" | "unscoped" | "mistaken";

/** What a client asked, before it has an answer. */
export interface ApiRequest {
  readonly operation: Operation;
  readonly kind: RequestKind;
  /** Whose it is, E.164. */
  readonly number: string;
  /** The verification meant; null for a start, and for a check by number. */
  readonly id: string | null;
  readonly purpose: string | null;
  readonly code: string | null;
  /** Amount, currency and payee, as one text. */
  readonly bind: string | null;
  readonly idempotencyKey: string | null;
  /** The parts of the input that are at fault, as JSON pointers. */
  readonly faults: readonly string[];
}

/** A verification as an answer or an event shows it. */
export interface VerificationView {
  readonly id: string;
  readonly to: string;
  readonly status: string;
  readonly reason: string | null;
  readonly purpose: string;
  readonly attempts_remaining: number;
  readonly sends_remaining: number;
  readonly expires_at: string;
  readonly closed_at: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly messages: readonly { readonly channel: string; readonly status: string }[];
  readonly valid?: boolean;
}

/** A request to the API, and what came of it. */
export interface Call extends ApiRequest {
  readonly startedAt: Moment;
  readonly endedAt: Moment;
  /** Null where the connection broke before an answer: it may have been done or not. */
  readonly status: number | null;
  readonly shown: readonly VerificationView[];
  readonly problem: { readonly code: string; readonly pointers: readonly string[] } | null;
  /** Runs of six digits in the answer, of which none may be a code. */
  readonly sixDigits: readonly string[];
}

/** A message as its provider saw it. */
export interface SentMessage {
  readonly number: string;
  /** What it was sent with and comes back in webhooks: the verification's id and the message's place. */
  readonly reference: string;
  readonly code: string;
  readonly channel: "whatsapp" | "sms";
  readonly at: Moment;
  /** On the phone; refused with an error of the provider's; or neither, and nobody was told. */
  readonly outcome: "accepted" | "refused" | "lost";
}

export type UpdateStatus = "sent" | "delivered" | "read" | "failed" | "denied";

/** A webhook that was posted to the Worker, once. */
export interface WebhookPost {
  /** Null for a tap on "I didn't request a code". */
  readonly reference: string | null;
  readonly number: string;
  readonly status: UpdateStatus;
  readonly forged: boolean;
  readonly startedAt: Moment;
  readonly endedAt: Moment;
  readonly responseStatus: number | null;
}

/** An event as the team's endpoint got it, however often. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  deliveries: number;
  /** How often it came with another body or type, or without a valid signature. */
  altered: number;
  unsigned: number;
}

/** A code or a whole number where none may be. */
export interface Leak {
  readonly what: "code" | "number";
  readonly where: string;
  readonly excerpt: string;
}

export interface JournalRow {
  readonly id: string;
  readonly number_tag: string;
  readonly number_masked: string;
  readonly status: string;
  readonly reason: string | null;
  readonly purpose: string;
  readonly attempts_remaining: number;
  readonly sends_remaining: number;
  readonly sends: number;
  readonly metadata: string;
  /** JSON. */
  readonly messages: string;
  readonly created_at: number;
  readonly closed_at: number;
}

/** Everything that an outsider could see of a run. The checker knows nothing else. */
export class History {
  readonly calls: Call[] = [];
  readonly messages: SentMessage[] = [];
  readonly webhooks: WebhookPost[] = [];
  readonly events = new Map<string, ReceivedEvent>();
  readonly leaks: Leak[] = [];
  /** Runs of six digits in the Worker's log. */
  readonly logged = new Set<string>();
  readonly kills: Moment[] = [];
  readonly evictions: Moment[] = [];
  /** The last word on each verification, when everything had come to rest. */
  readonly finals = new Map<string, VerificationView>();
  journal: readonly JournalRow[] = [];
  #order = 0;

  now(): Moment {
    this.#order += 1;
    return { order: this.#order, ms: Date.now() };
  }

  /** Requests that reached the Worker's socket. */
  get operations(): number {
    return this.calls.length + this.webhooks.length;
  }
}
