/** A point in time: its position in the order of all recorded events, and the clock's reading. */
export interface Moment {
  readonly order: number;
  /** Milliseconds since the epoch. */
  readonly ms: number;
}

/** The apps of the deployment. */
export type App = "default" | "shop";

/** What a client requests. */
export type Operation =
  | "start"
  | "resend"
  | "check"
  | "cancel"
  | "approve"
  | "read"
  | "list"
  | "unlock"
  | "notify";

/**
 * `valid`; `no_key`: without a key, or with a malformed one; `unknown_key`: with a well-formed key that does not
 * exist; `wrong_scope`: with a key for other calls; `other_app`: about the verification of another app;
 * `other_session`: a check of a verification of another session; `invalid`: with bad input.
 */
export type RequestKind =
  | "valid"
  | "no_key"
  | "unknown_key"
  | "wrong_scope"
  | "other_app"
  | "other_session"
  | "invalid";

/** A request of a client, before its response. */
export interface ApiRequest {
  readonly operation: Operation;
  readonly kind: RequestKind;
  /** The app that the caller acts for; null for the operator, acting for every app. */
  readonly app: App | null;
  /** The session that the request names. */
  readonly session: string | null;
  /** The person that the request is about. */
  readonly number: string;
  /** The person's number as the request spells it; null for a request by id. */
  readonly dialled: string | null;
  /** The verification; null for a start and for a check by number. */
  readonly id: string | null;
  readonly purpose: string | null;
  readonly code: string | null;
  /** The device that a start names as the user's. */
  readonly device: string | null;
  /** Amount, currency and payee, joined. */
  readonly bind: string | null;
  /** What a start says the verification is about; each start that may begin a verification says something else. */
  readonly round: string | null;
  readonly idempotencyKey: string | null;
  /** The invalid parts of the input, as JSON pointers. */
  readonly faults: readonly string[];
}

/** What a form of the sign-in page is about, and what came of a code in it. */
export interface PageForm {
  /** The browser that sent it. */
  readonly browser: string;
  /** The browser that the page was shown to, or that the code was sent for. */
  readonly owner: string;
  readonly shows: "approved" | "wrong" | "exhausted" | "idle" | null;
}

/** A verification as a response or an event shows it. */
export interface VerificationView {
  readonly id: string;
  readonly to: string;
  readonly app: string;
  readonly status: string;
  readonly reason: string | null;
  readonly purpose: string;
  readonly attempts_remaining: number;
  readonly sends_remaining: number;
  readonly expires_at: string;
  readonly closed_at: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly messages: readonly { readonly channel: string; readonly status: string }[];
  readonly valid?: boolean | undefined;
}

/** A request to the API and its response. */
export interface Call extends ApiRequest {
  /** The credentials of the request: its idempotency key is another one than that of another caller. */
  readonly caller: string | null;
  readonly startedAt: Moment;
  readonly endedAt: Moment;
  /** Null when the connection broke before a response: the Worker may or may not have acted. */
  readonly status: number | null;
  readonly shown: readonly VerificationView[];
  readonly problem: { readonly code: string; readonly pointers: readonly string[] } | null;
  /** Six-digit numbers in the response, none of which may be a code. */
  readonly sixDigits: readonly string[];
  /** Null for a request to the API. */
  readonly page: PageForm | null;
}

/** A message that the Worker sent to a provider. */
export interface SentMessage {
  /** The person. */
  readonly number: string;
  /** The callback data: the verification's id and the message's index. */
  readonly reference: string;
  readonly code: string;
  readonly channel: "whatsapp" | "sms";
  /** The provider's id; null when it did not accept the message. */
  readonly messageId: string | null;
  readonly at: Moment;
  /** `accepted`: on the phone. `refused`: with an error of the provider. `lost`: the Worker cannot know. */
  readonly outcome: "accepted" | "refused" | "lost";
}

/** What a provider reports of a message, or what its user did: tapped "I didn't request a code", wrote STOP, or a token. */
export type UpdateStatus = "sent" | "delivered" | "read" | "failed" | "denied" | "stop" | "token";

/**
 * `genuine`; `forged`: with an invalid signature; `foreign`: signed by Meta, but of another account or sender;
 * `stray`: ours, but about a message that the Worker did not send, or days old.
 */
export type WebhookKind = "genuine" | "forged" | "foreign" | "stray";

/** A single post of a webhook to the Worker. */
export interface WebhookPost {
  readonly kind: WebhookKind;
  /** Null for what a user did. */
  readonly reference: string | null;
  /** The provider's id of the message that the update or the tap is about. */
  readonly messageId: string | null;
  /** The person. */
  readonly number: string;
  readonly status: UpdateStatus;
  readonly startedAt: Moment;
  readonly endedAt: Moment;
  readonly responseStatus: number | null;
}

/** An event that an endpoint received, once or repeatedly. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  /** The apps whose endpoints received it. */
  readonly apps: Set<App>;
  deliveries: number;
  /** How many deliveries had another body than the first. */
  altered: number;
  /** How many deliveries had no valid signature. */
  unsigned: number;
}

/** A plaintext code or a full number in a place where it is forbidden. */
export interface Leak {
  readonly what: "code" | "number";
  readonly where: string;
  readonly excerpt: string;
}

export interface JournalRow {
  readonly id: string;
  readonly app: string;
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

/** A verification that is proved by a message: who sent its token, in order, and what the app saw after each. */
export interface LinkHistory {
  readonly id: string;
  /** The person whose number was claimed; null where it is learned. */
  readonly claimed: string | null;
  readonly senders: string[];
  readonly seen: { readonly status: string; readonly to: string | null }[];
}

/**
 * `valid`; `other_client`: by another client, with its own secret; `wrong_secret` and `wrong_verifier`: with everything
 * else right.
 */
export type RedemptionKind = "valid" | "other_client" | "wrong_secret" | "wrong_verifier";

/** A request to exchange an authorization code for tokens. */
export interface Redemption {
  readonly kind: RedemptionKind;
  readonly startedAt: Moment;
  readonly endedAt: Moment;
  readonly status: number | null;
  readonly error: string | null;
  readonly accessToken: string | null;
}

/** A request for who has signed in. */
export interface Introduction {
  readonly accessToken: string;
  readonly startedAt: Moment;
  readonly endedAt: Moment;
  readonly status: number | null;
}

/** A user who signs in to an app through the page. */
export interface SignInHistory {
  /** The person. */
  readonly number: string;
  /** The verification; null before a message of it has come. */
  id: string | null;
  /** When the browser got an authorization code, first. */
  approvedAt: Moment | null;
  readonly redemptions: Redemption[];
  readonly introductions: Introduction[];
  /** As tokens and userinfo named the user. */
  readonly told: { readonly sub: string; readonly number: string }[];
}

/** The audit's entry of an act. */
export interface AuditRow {
  readonly action: string;
  readonly target: string;
  readonly outcome: string | null;
}

/** What can be observed of an outage, beside everything else. */
export interface OutageHistory {
  /** The calls to the queue of events that it refused, by the number's object that made them. */
  readonly tries: Map<string, number>;
  /** What the health page said of dead letters while there were some; null where there were none to be. */
  deadLetters: number | null;
  /** After the run has settled. */
  audit: readonly AuditRow[];
  unverifiedInRanges: number;
}

/** Everything that can be observed of a run from outside the Worker; the checker uses nothing else. */
export class History {
  readonly calls: Call[] = [];
  readonly messages: SentMessage[] = [];
  readonly webhooks: WebhookPost[] = [];
  readonly links: LinkHistory[] = [];
  readonly signIns: SignInHistory[] = [];
  readonly events = new Map<string, ReceivedEvent>();
  readonly leaks: Leak[] = [];
  /** Six-digit numbers in the Worker's log. */
  readonly logged = new Set<string>();
  /** The messages of calls that a queue refused. */
  readonly refusals: { readonly queue: string; readonly texts: readonly string[] }[] = [];
  /** Null except for a run that has only outages. */
  outage: OutageHistory | null = null;
  readonly kills: Moment[] = [];
  readonly evictions: Moment[] = [];
  /** The final view of each verification, after the run has settled. */
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
