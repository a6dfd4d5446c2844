// Written by `npm run build:client` from the API description.

export interface StartVerification {
  /**
   * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
   * marks are dropped, and digits of every script read; answers spell it in E.164. Required, except with
   * the method `message` where the purpose's `message_first_learns_number` is true.
   */
  to?: string | undefined;
  /** Names the policy: login, signup, recovery, transaction. Default: "login". */
  purpose?: string | undefined;
  /**
   * `code`: the user is sent a code and types it. `message`: the user sends a message from their phone,
   * as `message_first` in the answer says; where the purpose's policy allows it. Default: "code".
   */
  method?: "code" | "message" | undefined;
  /** The user's language, in BCP 47. */
  locale?: string | undefined;
  /** In order of preference, each once, of the policy's channels; all of those otherwise. */
  channels?: ("whatsapp" | "sms")[] | undefined;
  /**
   * The caller's own code, instead of one drawn here. It is sent as given; a check takes its letters in
   * either case.
   */
  code?: string | undefined;
  /** The length of the code to draw, at least the purpose's own; that one otherwise. */
  code_length?: number | undefined;
  /**
   * How long a message may stay undelivered before the next channel is used; the purpose's own time
   * otherwise.
   */
  fallback_after_seconds?: number | undefined;
  /**
   * What the app ties the verification to, such as a digest of its own browser session. A check has to
   * name the same; starts with different sessions are different verifications with different codes. Never
   * returned.
   */
  session?: string | undefined;
  bind?: Binding | undefined;
  /** The end user's address and device, as the app sees them. */
  client?:
    | {
        ip?: string | undefined;
        device_id?: string | undefined;
      }
    | undefined;
  /** Keys for the deployment's named limits; a name it does not have limits nothing. At most 8. */
  limits?: Record<string, string> | undefined;
  /** Echoed in answers. At most 16 keys. */
  metadata?: Record<string, string> | undefined;
}

/** What the code confirms. Only a check with exactly this binding is valid. */
export interface Binding {
  amount: string;
  currency: string;
  payee: string;
}

export interface CheckVerification {
  /**
   * What the user typed. Case, separators and invisible characters do not matter, and digits of every
   * script count.
   */
  code: string;
  /**
   * What the app ties the verification to, such as a digest of its own browser session. A check has to
   * name the same; starts with different sessions are different verifications with different codes. Never
   * returned.
   */
  session?: string | undefined;
  bind?: Binding | undefined;
  /** The end user's address and device, as the app sees them. */
  client?:
    | {
        ip?: string | undefined;
        device_id?: string | undefined;
      }
    | undefined;
  proof?: ProofRequest | undefined;
}

/**
 * Asks for a proof: a JWT that another service can verify by the keys at `/.well-known/jwks.json`,
 * without a call to this one. Only a `valid` check is answered with one.
 */
export interface ProofRequest {
  /** Who is to verify the proof: its `aud`. */
  audience: string;
  /** Echoed in the proof, so that it counts for one request only. */
  nonce?: string | undefined;
}

export interface CheckVerificationByNumber {
  /**
   * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
   * marks are dropped, and digits of every script read; answers spell it in E.164.
   */
  to: string;
  /** Names the policy: login, signup, recovery, transaction. Default: "login". */
  purpose?: string | undefined;
  /**
   * What the user typed. Case, separators and invisible characters do not matter, and digits of every
   * script count.
   */
  code: string;
  /**
   * What the app ties the verification to, such as a digest of its own browser session. A check has to
   * name the same; starts with different sessions are different verifications with different codes. Never
   * returned.
   */
  session?: string | undefined;
  bind?: Binding | undefined;
  /** The end user's address and device, as the app sees them. */
  client?:
    | {
        ip?: string | undefined;
        device_id?: string | undefined;
      }
    | undefined;
  proof?: ProofRequest | undefined;
}

export interface SendNotification {
  /**
   * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
   * marks are dropped, and digits of every script read; answers spell it in E.164.
   */
  to: string;
  template: string;
  /** The user's language, in BCP 47. */
  locale?: string | undefined;
  /** By name, or by number where the template counts. */
  parameters?: Record<string, string> | undefined;
  /** Echoed in answers. At most 16 keys. */
  metadata?: Record<string, string> | undefined;
}

export interface CreateNotificationBatch {
  template: string;
  /** The user's language, in BCP 47. */
  locale?: string | undefined;
  recipients: {
    /**
     * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
     * marks are dropped, and digits of every script read; answers spell it in E.164.
     */
    to: string;
    parameters?: Record<string, string> | undefined;
    /** The user's language, in BCP 47. */
    locale?: string | undefined;
    /** Echoed in answers. At most 16 keys. */
    metadata?: Record<string, string> | undefined;
  }[];
}

export interface SendMessage {
  /**
   * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
   * marks are dropped, and digits of every script read; answers spell it in E.164.
   */
  to: string;
  text: string;
  /** Echoed in answers. At most 16 keys. */
  metadata?: Record<string, string> | undefined;
}

export interface SetUpTemplates {
  /** BCP 47 tags or WhatsApp's language codes. */
  languages: string[];
  /** Only these. */
  templates?:
    | (
        | "verification_code"
        | "login_code"
        | "signup_code"
        | "recovery_code"
        | "transaction_code"
        | "payment_confirmation"
        | "appointment_reminder"
        | "shipping_update"
        | "suspicious_activity"
      )[]
    | undefined;
}

export interface AuthenticationTemplate {
  category: "authentication";
  /** BCP 47 tags or WhatsApp's language codes. */
  languages: string[];
  /** Default: "copy_code". */
  button?: "copy_code" | "one_tap" | "zero_tap" | undefined;
  /** Minutes named in the footer; null for no footer. */
  code_expiration_minutes?: number | null | undefined;
  /** Default: true. */
  add_security_recommendation?: boolean | undefined;
  /** WhatsApp drops an undelivered message after this time. Default: 600. */
  message_send_ttl_seconds?: number | undefined;
  supported_apps?:
    | {
        package_name: string;
        signature_hash: string;
      }[]
    | undefined;
  /** Default: false. */
  zero_tap_terms_accepted?: boolean | undefined;
}

export interface UtilityTemplate {
  category: "utility";
  /** By language, as BCP 47 tag or WhatsApp's language code. */
  languages: Record<string, UtilityTexts>;
  /** WhatsApp drops an undelivered message after this time. */
  message_send_ttl_seconds?: number | undefined;
}

export interface UtilityTexts {
  header?: string | undefined;
  body: string;
  footer?: string | undefined;
  buttons?:
    | {
        type: "url";
        text: string;
        url: string;
      }
    | {
        type: "quick_reply";
        text: string;
      }
    | {
        type: "phone_number";
        text: string;
        phone_number: string;
      }[]
    | undefined;
  /** An example value for each parameter. */
  examples?: Record<string, string> | undefined;
}

export interface RepairDeployment {
  /** The ids of the checks to repair, in this order. */
  checks: (
    | "template.eligibility"
    | "app.published"
    | "webhook.account"
    | "webhook.fields"
    | "webhook.url"
    | "webhook.override"
    | "webhook.handshake"
    | "secret.app"
    | "secret.shape"
    | "token.valid"
    | "token.lasting"
    | "token.scopes"
    | "token.assigned"
    | "token.tasks"
    | "token.app"
    | "ids.kind"
    | "ids.pair"
    | "number.registered"
    | "number.pin"
    | "number.verified"
    | "number.test"
    | "number.name"
    | "account.payment"
    | "account.verified"
    | "account.limit"
    | "account.restricted"
    | "health.meta"
    | "templates.present"
    | "templates.state"
    | "templates.category"
    | "templates.ttl"
    | "templates.name_blocked"
    | "number.quality"
    | "number.shared"
    | "number.agent"
    | "country.refused"
    | "price.international"
    | "number.identity_check"
    | "number.badge"
    | "api.version"
    | "webhook.silence"
    | "cf.secrets"
    | "cf.subdomain"
    | "cf.token"
    | "cf.migrations"
    | "cf.queues"
    | "cf.plan"
    | "cf.url"
    | "cf.access"
  )[];
  /** Agrees to change what another project or person has set. Default: false. */
  take_over?: boolean | undefined;
}

export interface UnblockRange {
  range?: string | undefined;
  /**
   * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
   * marks are dropped, and digits of every script read; answers spell it in E.164.
   */
  to?: string | undefined;
  /** The tag of a network, from the figures of a decision. */
  network?: string | undefined;
  ip?: string | undefined;
  /** Goes into the record of who did what. */
  reason: string;
}

export interface UnlockNumber {
  /**
   * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
   * marks are dropped, and digits of every script read; answers spell it in E.164.
   */
  to: string;
  /** Goes into the record of who did what. */
  reason: string;
}

export interface AddGuardListEntry {
  /**
   * A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible
   * marks are dropped, and digits of every script read; answers spell it in E.164.
   */
  number?: string | undefined;
  prefix?: string | undefined;
  note: string;
}

export interface CreateWebhookEndpoint {
  /** An https address on the public internet. */
  url: string;
  /** For people. */
  description?: string | undefined;
  /** The events it receives; null for all, those of later versions included. */
  event_types?:
    | (
        | "verification.started"
        | "verification.approved"
        | "verification.expired"
        | "verification.canceled"
        | "verification.failed"
        | "verification.message"
        | "notification.sent"
        | "notification.delivered"
        | "notification.read"
        | "notification.failed"
        | "message.received"
        | "template.updated"
        | "sender.updated"
        | "deployment.degraded"
        | "deployment.recovered"
        | "capacity.warning"
        | "guard.blocked"
      )[]
    | null
    | undefined;
  /**
   * Several events in one request, as `{ "type": "batch", "data": [ … ] }`; null for a request for each
   * event.
   */
  batch?:
    | {
        /** A batch with this many events is sent at once. Default: 100. */
        max_events?: number | undefined;
        /** How long an event waits for its batch to become full. Default: 1000. */
        max_wait_ms?: number | undefined;
      }
    | null
    | undefined;
  /** The app whose events it receives; the caller's own unless the key has the scope `admin`. */
  app?: string | undefined;
}

export interface UpdateWebhookEndpoint {
  /** An https address on the public internet. */
  url?: string | undefined;
  /** For people. */
  description?: string | undefined;
  /** The events it receives; null for all, those of later versions included. */
  event_types?:
    | (
        | "verification.started"
        | "verification.approved"
        | "verification.expired"
        | "verification.canceled"
        | "verification.failed"
        | "verification.message"
        | "notification.sent"
        | "notification.delivered"
        | "notification.read"
        | "notification.failed"
        | "message.received"
        | "template.updated"
        | "sender.updated"
        | "deployment.degraded"
        | "deployment.recovered"
        | "capacity.warning"
        | "guard.blocked"
      )[]
    | null
    | undefined;
  /**
   * Several events in one request, as `{ "type": "batch", "data": [ … ] }`; null for a request for each
   * event.
   */
  batch?:
    | {
        /** A batch with this many events is sent at once. Default: 100. */
        max_events?: number | undefined;
        /** How long an event waits for its batch to become full. Default: 1000. */
        max_wait_ms?: number | undefined;
      }
    | null
    | undefined;
  status?: "enabled" | "disabled" | undefined;
}

export interface ReplayFailed {
  /** ISO 8601: the earliest `created_at` of a delivery. */
  since: string;
}

export interface CreateApiKey {
  name: string;
  scopes: ("verifications" | "notifications" | "templates" | "webhooks" | "reports" | "admin" | "hooks")[];
  /** One of the deployment's apps. */
  app?: string | undefined;
}

export interface CreateOAuthClient {
  /** Who users sign in to. */
  client_name: string;
  /**
   * Where users return to: https, http on this machine, or a private-use scheme with a dot. A request has
   * to name one of them character by character.
   */
  redirect_uris: string[];
  /**
   * A `native` app on this machine may be reached at any port of its loopback address (RFC 8252).
   * Default: "web".
   */
  application_type?: "web" | "native" | undefined;
  /**
   * `none` for an app that cannot keep a secret, such as one in a browser. Default:
   * "client_secret_basic".
   */
  token_endpoint_auth_method?: "client_secret_basic" | "client_secret_post" | "none" | undefined;
  /** Default: "RS256". */
  id_token_signed_response_alg?: "RS256" | "ES256" | undefined;
  /**
   * What it may learn, separated by spaces: `openid`, `phone`, `profile`, `email`. Default: "openid
   * phone".
   */
  scope?: string | undefined;
  /** False only for a client with a secret whose platform sends no code challenge. Default: true. */
  require_pkce?: boolean | undefined;
  /** RFC 9126. Default: false. */
  require_pushed_authorization_requests?: boolean | undefined;
  /** RFC 9396: what it may have confirmed besides the number. */
  authorization_details_types?: "payment"[] | undefined;
  /** Default: "login". */
  purpose?: string | undefined;
  /** Adds `phone` and `phone_verified`, which Supabase and Logto read. Default: false. */
  claim_aliases?: boolean | undefined;
  /**
   * Gives users a placeholder email at this domain, never verified, and a name, for platforms that need
   * them.
   */
  placeholders?:
    | {
        email_domain: string;
      }
    | null
    | undefined;
  logo_uri?: string | null | undefined;
  policy_uri?: string | null | undefined;
  tos_uri?: string | null | undefined;
  /**
   * With `pairwise`, subjects are drawn for the one host of its redirect URIs, which is then frozen.
   * Default: "public".
   */
  subject_type?: "public" | "pairwise" | undefined;
  /** The app that it belongs to; the caller's own by default. */
  app?: string | undefined;
}

export interface UpdateOAuthClient {
  /** Who users sign in to. */
  client_name?: string | undefined;
  /**
   * Where users return to: https, http on this machine, or a private-use scheme with a dot. A request has
   * to name one of them character by character.
   */
  redirect_uris?: string[] | undefined;
  /** A `native` app on this machine may be reached at any port of its loopback address (RFC 8252). */
  application_type?: "web" | "native" | undefined;
  /** `none` for an app that cannot keep a secret, such as one in a browser. */
  token_endpoint_auth_method?: "client_secret_basic" | "client_secret_post" | "none" | undefined;
  id_token_signed_response_alg?: "RS256" | "ES256" | undefined;
  /** What it may learn, separated by spaces: `openid`, `phone`, `profile`, `email`. */
  scope?: string | undefined;
  /** False only for a client with a secret whose platform sends no code challenge. */
  require_pkce?: boolean | undefined;
  /** RFC 9126. */
  require_pushed_authorization_requests?: boolean | undefined;
  /** RFC 9396: what it may have confirmed besides the number. */
  authorization_details_types?: "payment"[] | undefined;
  purpose?: string | undefined;
  /** Adds `phone` and `phone_verified`, which Supabase and Logto read. */
  claim_aliases?: boolean | undefined;
  /**
   * Gives users a placeholder email at this domain, never verified, and a name, for platforms that need
   * them.
   */
  placeholders?:
    | {
        email_domain: string;
      }
    | null
    | undefined;
  logo_uri?: string | null | undefined;
  policy_uri?: string | null | undefined;
  tos_uri?: string | null | undefined;
}

export interface RotateSigningKeys {
  /** Withdraws every key, without a day's notice. Default: false. */
  compromised?: boolean | undefined;
}

export interface VerificationStartedEvent {
  type: "verification.started";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Verification;
}

export interface Verification {
  id: string;
  /** The app that it belongs to. */
  app: string;
  /** The API that started it: this one, or one that is compatible with another system. */
  via:
    | "v1"
    | "twilio"
    | "vonage"
    | "camara"
    | "supabase"
    | "zitadel"
    | "kratos"
    | "logto"
    | "fusionauth"
    | "auth0"
    | "cognito"
    | "clerk"
    | "authgear"
    | "sign_in";
  /** True for a test number: its code is configured, and nothing was sent. */
  test: boolean;
  status: "pending" | "approved" | "canceled" | "expired" | "failed";
  /** Why it failed, or that a newer verification for the same purpose superseded it. */
  reason:
    | "attempts_exhausted"
    | "undeliverable"
    | "denied_by_user"
    | "superseded"
    | "other_number"
    | "number_changed"
    | "destination_not_allowed"
    | null;
  /** `code`: the user types what they were sent. `message`: they send a message from their phone. */
  method: "code" | "message";
  /** What the user is to send; only in the answer to a start with the method `message`. */
  message_first: MessageFirst | null;
  /** True where `to` is the number that the user's message came from. */
  number_learned: boolean;
  /** The last two digits of the number that the message came from, with the reason `other_number`. */
  other_number_ends_with: string | null;
  purpose: string;
  /** In E.164; null until it is learned from the user's message. */
  to: string | null;
  /** The channel of the newest message. */
  channel: "whatsapp" | "sms" | null;
  locale: string;
  bind: Binding | null;
  metadata: Record<string, string>;
  /** The phone behind the number has changed since it was last verified; see the guard's identity_change. */
  identity_changed: boolean;
  /** Checks left before it fails. */
  attempts_remaining: number;
  /** Messages left, on all channels together. */
  sends_remaining: number;
  /** UTC, with milliseconds. */
  created_at: string;
  /** UTC, with milliseconds. */
  expires_at: string;
  /**
   * When a resend over the same channel is allowed; null when there is none left. Another channel waits
   * for nothing.
   */
  resend_at: string | null;
  closed_at: string | null;
  /** Oldest first. */
  messages: Message[];
}

export interface MessageFirst {
  /** Opens WhatsApp with the text, ready to send: as a link on a phone, as a QR code elsewhere. */
  url: string;
  /** For the user to copy where no link works. */
  text: string;
  /** The number that it goes to, in E.164. */
  sender: string;
  /** UTC, with milliseconds. */
  expires_at: string;
}

export interface Message {
  channel: "whatsapp" | "sms";
  status: "queued" | "sent" | "delivered" | "read" | "failed";
  template: string | null;
  language: string | null;
  provider_message_id: string | null;
  error: MessageError | null;
  /** UTC, with milliseconds. */
  created_at: string;
  /** UTC, with milliseconds. */
  updated_at: string;
}

export interface MessageError {
  code: string;
  title: string;
  action: string;
  /** The provider's own words, without numbers, where the team has to correct something. */
  details?: string | undefined;
}

export interface VerificationApprovedEvent {
  type: "verification.approved";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Verification;
}

export interface VerificationExpiredEvent {
  type: "verification.expired";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Verification;
}

export interface VerificationCanceledEvent {
  type: "verification.canceled";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Verification;
}

export interface VerificationFailedEvent {
  type: "verification.failed";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Verification;
}

export interface VerificationMessageEvent {
  type: "verification.message";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Verification;
}

export interface NotificationSentEvent {
  type: "notification.sent";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Notification;
}

export interface Notification {
  id: string;
  /** The app that it belongs to. */
  app: string;
  status: "queued" | "sent" | "delivered" | "read" | "failed";
  to: string;
  /** Null for a free-form message. */
  template: string | null;
  language: string | null;
  batch_id: string | null;
  metadata: Record<string, string>;
  provider_message_id: string | null;
  error: MessageError | null;
  created_at: string;
  updated_at: string;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
}

export interface NotificationDeliveredEvent {
  type: "notification.delivered";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Notification;
}

export interface NotificationReadEvent {
  type: "notification.read";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Notification;
}

export interface NotificationFailedEvent {
  type: "notification.failed";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: Notification;
}

export interface MessageReceivedEvent {
  type: "message.received";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: ReceivedMessage;
}

export interface ReceivedMessage {
  /** `default`: the WhatsApp account belongs to no app. */
  app: string;
  channel: "whatsapp";
  /** In E.164; null where WhatsApp names only the account. */
  from: string | null;
  /** WhatsApp's id of the account in this business. */
  from_user_id: string | null;
  message_id: string;
  /** The id of the message that is answered, or whose button was tapped. */
  context_id: string | null;
  /** WhatsApp's type of message: `text`, `button`, `image`, `system`. */
  type: string;
  text: string | null;
  button_payload: string | null;
  /** UTC, with milliseconds. */
  received_at: string;
  /** Until then `POST /v1/messages` may answer; null where the user did not write. */
  window_ends_at: string | null;
  /** Set for WhatsApp's own messages, such as a user's change of number. */
  system: {
    type: string;
    new_number: string | null;
  } | null;
}

export interface TemplateUpdatedEvent {
  type: "template.updated";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: TemplateChange;
}

export interface TemplateChange {
  /** `default`: the WhatsApp account belongs to no app. */
  app: string;
  /** The webhook field of Meta. The other fields are Meta's, as it sent them. */
  field: string;
  [field: string]: unknown;
}

export interface SenderUpdatedEvent {
  type: "sender.updated";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: SenderState | SenderChange;
}

export interface SenderState {
  /** `default`: the WhatsApp account belongs to no app. */
  app: string;
  /** What is in or out of use, such as `sender/<phone number id>`. */
  circuit: string;
  /** `open`: out of use. `closed`: in use again. */
  state: "open" | "closed";
  error: {
    code: string;
    title: string;
  };
  /** When it is tried again; only while it is open. */
  until?: string | undefined;
}

export interface SenderChange {
  /** `default`: the WhatsApp account belongs to no app. */
  app: string;
  /** The webhook field of Meta. The other fields are Meta's, as it sent them. */
  field: string;
  [field: string]: unknown;
}

export interface DeploymentDegradedEvent {
  type: "deployment.degraded";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: DeploymentCheck;
}

export interface DeploymentCheck {
  /** `default`: the WhatsApp account belongs to no app. */
  app: string;
  /** The check's id, as `GET /v1/doctor` has it. */
  check: string;
  severity: "blocks" | "degrades" | "warns" | "informs";
  state: "ok" | "warning" | "failed";
  sentence: string;
  /** What to do about it, in one sentence. */
  repair: string | null;
}

export interface DeploymentRecoveredEvent {
  type: "deployment.recovered";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: DeploymentCheck;
}

export interface CapacityWarningEvent {
  type: "capacity.warning";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: CapacityWarning;
}

export interface CapacityWarning {
  /** `default`: the WhatsApp account belongs to no app. */
  app: string;
  /** How much of the limit the database takes. */
  used_percent: number;
  limit_bytes: number;
  /** Whether delivered webhook events are deleted before their time, to make room. From 90 % on. */
  deletes_delivered_events: boolean;
}

export interface GuardBlockedEvent {
  type: "guard.blocked";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: GuardBlock;
}

export interface GuardBlock {
  rule:
    | "api_key_rate"
    | "client_rate"
    | "client_denied"
    | "country"
    | "number_type"
    | "number_range"
    | "block_list"
    | "expired_test_number"
    | "range_hour"
    | "range_day"
    | "range_probation"
    | "country_hour"
    | "country_day"
    | "cap_country_sends"
    | "cap_country_cost"
    | "cap_sends"
    | "cap_cost"
    | "named_limit"
    | "number_owner"
    | "identity_change"
    | "team_veto"
    | "api_key_check_rate"
    | "client_check_rate"
    | "spraying";
  code: string;
  /** False where the decision was only recorded. */
  refused: boolean;
  to: string;
  country: string | null;
  app: string;
  purpose: string;
  /** The id of the API key. */
  caller_id: string;
  figures: Record<string, string | number>;
  limits: Record<string, string | number>;
}

export interface EndpointTestEvent {
  type: "endpoint.test";
  /** When it happened, in UTC with milliseconds. */
  timestamp: string;
  data: {
    endpoint_id: string;
  };
}

export interface BatchEvent {
  type: "batch";
  data: BatchedEvent[];
}

export interface BatchedEvent {
  /** The same in every attempt: drop an id that you know. */
  id: string;
  type: string;
  timestamp: string;
  data: unknown;
}

/** Problem details (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code:
    | "invalid_request"
    | "invalid_phone_number"
    | "unknown_purpose"
    | "unauthorized"
    | "forbidden"
    | "destination_not_allowed"
    | "denied_by_policy"
    | "not_found"
    | "idempotency_in_progress"
    | "window_closed"
    | "payload_too_large"
    | "idempotency_mismatch"
    | "invalid_message"
    | "template_rejected"
    | "resend_too_soon"
    | "send_limit_reached"
    | "number_locked"
    | "rate_limited"
    | "traffic_blocked"
    | "internal"
    | "channel_failed"
    | "provider_failed"
    | "unavailable"
    | "channel_unavailable";
  request_id: string;
  errors?:
    | {
        pointer: string;
        detail: string;
      }[]
    | undefined;
  provider?:
    | {
        channel: string;
        code: string;
        subcode?: string | undefined;
        title: string;
        details?: string | undefined;
        template?: string | undefined;
        language?: string | undefined;
      }
    | undefined;
  verification?: Verification | undefined;
}

export interface CheckedVerification {
  id: string;
  /** The app that it belongs to. */
  app: string;
  /** The API that started it: this one, or one that is compatible with another system. */
  via:
    | "v1"
    | "twilio"
    | "vonage"
    | "camara"
    | "supabase"
    | "zitadel"
    | "kratos"
    | "logto"
    | "fusionauth"
    | "auth0"
    | "cognito"
    | "clerk"
    | "authgear"
    | "sign_in";
  /** True for a test number: its code is configured, and nothing was sent. */
  test: boolean;
  status: "pending" | "approved" | "canceled" | "expired" | "failed";
  /** Why it failed, or that a newer verification for the same purpose superseded it. */
  reason:
    | "attempts_exhausted"
    | "undeliverable"
    | "denied_by_user"
    | "superseded"
    | "other_number"
    | "number_changed"
    | "destination_not_allowed"
    | null;
  /** `code`: the user types what they were sent. `message`: they send a message from their phone. */
  method: "code" | "message";
  /** What the user is to send; only in the answer to a start with the method `message`. */
  message_first: MessageFirst | null;
  /** True where `to` is the number that the user's message came from. */
  number_learned: boolean;
  /** The last two digits of the number that the message came from, with the reason `other_number`. */
  other_number_ends_with: string | null;
  purpose: string;
  /** In E.164; null until it is learned from the user's message. */
  to: string | null;
  /** The channel of the newest message. */
  channel: "whatsapp" | "sms" | null;
  locale: string;
  bind: Binding | null;
  metadata: Record<string, string>;
  /** The phone behind the number has changed since it was last verified; see the guard's identity_change. */
  identity_changed: boolean;
  /** Checks left before it fails. */
  attempts_remaining: number;
  /** Messages left, on all channels together. */
  sends_remaining: number;
  /** UTC, with milliseconds. */
  created_at: string;
  /** UTC, with milliseconds. */
  expires_at: string;
  /**
   * When a resend over the same channel is allowed; null when there is none left. Another channel waits
   * for nothing.
   */
  resend_at: string | null;
  closed_at: string | null;
  /** Oldest first. */
  messages: Message[];
  /** True for the right code, in time, at most once. */
  valid: boolean;
  /** The signed proof, where the check was valid and asked for one. */
  proof?: string | undefined;
}

export interface AcceptedNotificationBatch {
  id: string;
  total: number;
  status: "running" | "paused" | "canceled" | "done";
}

export interface NotificationBatch {
  id: string;
  template: string;
  status: "running" | "paused" | "canceled" | "done";
  total: number;
  /** Numbers of recipients; each recipient counts once. */
  counts: {
    waiting: number;
    /** Being sent; neither a pause nor a cancel stops these. */
    sending: number;
    /** Accepted by WhatsApp; each notification shows its delivery. */
    sent: number;
    failed: number;
    /** Not sent, because the recipient has opted out. */
    opted_out: number;
    canceled: number;
  };
  /** The errors of failed recipients, each once. */
  errors: {
    code: string;
    title: string;
    action: string;
    count: number;
  }[];
  /** UTC, with milliseconds. */
  created_at: string;
  /** When the last recipient was sent to, had failed or was canceled. */
  finished_at: string | null;
}

export interface Template {
  name: string;
  category: "authentication" | "utility" | "marketing";
  time_to_live_seconds: number | null;
  add_security_recommendation: boolean | null;
  code_expiration_minutes: number | null;
  languages: Record<
    string,
    {
      status: string;
      id: string | null;
      quality: string | null;
      rejected_reason: string | null;
      header: string | null;
      body: string | null;
      footer: string | null;
      buttons: {
        type: string;
        text: string;
        url?: string | undefined;
        phone_number?: string | undefined;
      }[];
      examples: Record<string, string>;
      /**
       * The template of Meta's library that it was made from, and the parameters in the order of WhatsApp's
       * numbers.
       */
      library?:
        | {
            name: string;
            parameters: string[];
          }
        | undefined;
    }
  >;
  /** The parameters that a notification requires. */
  parameters: string[];
}

export interface Senders {
  data: Sender[];
}

export interface Sender {
  phone_number_id: string;
  /** As Meta writes it. */
  number: string | null;
  /** The name that users see. */
  verified_name: string | null;
  /** Whether the name has the blue tick. */
  official: boolean;
  /** The request for the blue tick; null where Meta knows of none. */
  official_request: {
    /** `PENDING`, `APPROVED` or `REJECTED`, as far as Meta documents them. */
    status: string;
    message: string | null;
  } | null;
  /** `GREEN`, `YELLOW`, `RED` or `UNKNOWN`. */
  quality: string | null;
  /**
   * Such as `TIER_2K`: the people who may be reached in 24 hours, over all numbers of the business
   * portfolio.
   */
  messaging_limit: string | null;
  /**
   * The people this sender reached in the last 24 hours; counted where its settings have
   * `recipients_per_day`.
   */
  recipients_today: number | null;
  /** `recipients_today` as a share of `recipients_per_day`. */
  limit_used: number | null;
  /** `STANDARD` or `HIGH`. */
  throughput: string | null;
  /** `CONNECTED` where it can send. */
  status: string | null;
  /** `APPROVED` or `AVAILABLE_WITHOUT_REVIEW` where users see the name. */
  name_status: string | null;
  /** When a webhook was last about this sender; a minute late at most. */
  last_webhook_at: string | null;
  /** When Meta was asked. */
  checked_at: string;
}

export interface Examination {
  /**
   * `ready`: codes go out on WhatsApp. `limited`: the number works, but Meta does not let it send codes
   * yet. `trial`: Meta's test number. `blocked`: something else stands in the way.
   */
  verdict: "ready" | "limited" | "trial" | "blocked";
  checked_at: string;
  /** The first thing to do, in one sentence. */
  next: string;
  checks: DoctorCheck[];
}

export interface DoctorCheck {
  id:
    | "template.eligibility"
    | "app.published"
    | "webhook.account"
    | "webhook.fields"
    | "webhook.url"
    | "webhook.override"
    | "webhook.handshake"
    | "secret.app"
    | "secret.shape"
    | "token.valid"
    | "token.lasting"
    | "token.scopes"
    | "token.assigned"
    | "token.tasks"
    | "token.app"
    | "ids.kind"
    | "ids.pair"
    | "number.registered"
    | "number.pin"
    | "number.verified"
    | "number.test"
    | "number.name"
    | "account.payment"
    | "account.verified"
    | "account.limit"
    | "account.restricted"
    | "health.meta"
    | "templates.present"
    | "templates.state"
    | "templates.category"
    | "templates.ttl"
    | "templates.name_blocked"
    | "number.quality"
    | "number.shared"
    | "number.agent"
    | "country.refused"
    | "price.international"
    | "number.identity_check"
    | "number.badge"
    | "api.version"
    | "webhook.silence"
    | "cf.secrets"
    | "cf.subdomain"
    | "cf.token"
    | "cf.migrations"
    | "cf.queues"
    | "cf.plan"
    | "cf.url"
    | "cf.access";
  /**
   * `blocks`: no code goes out, or its fate stays unknown. `degrades`: some users or features are
   * affected. `warns`: it will break, or costs. `informs`: worth knowing.
   */
  severity: "blocks" | "degrades" | "warns" | "informs";
  /** `unknown` where Meta did not answer; `skipped` where another check failed that this one rests on. */
  state: "ok" | "warning" | "failed" | "unknown" | "skipped";
  sentence: string;
  /** What follows from it. */
  why: string | null;
  repair: {
    /** `doctor`: `POST /v1/doctor/repairs` does it. `wait`: time alone. */
    by: "doctor" | "command" | "link" | "wait";
    text: string;
    url?: string | undefined;
  } | null;
  /** What was read, without secrets and whole numbers. */
  evidence: {
    expected: unknown;
    found: unknown;
  } | null;
  /** Meta's own error, where there was one. */
  meta: {
    code: number;
    subcode: number | null;
    message: string;
    /** What Meta's support asks for. */
    trace: string | null;
  } | null;
}

export interface RepairedDeployment {
  data: Repaired[];
}

export interface Repaired {
  check:
    | "template.eligibility"
    | "app.published"
    | "webhook.account"
    | "webhook.fields"
    | "webhook.url"
    | "webhook.override"
    | "webhook.handshake"
    | "secret.app"
    | "secret.shape"
    | "token.valid"
    | "token.lasting"
    | "token.scopes"
    | "token.assigned"
    | "token.tasks"
    | "token.app"
    | "ids.kind"
    | "ids.pair"
    | "number.registered"
    | "number.pin"
    | "number.verified"
    | "number.test"
    | "number.name"
    | "account.payment"
    | "account.verified"
    | "account.limit"
    | "account.restricted"
    | "health.meta"
    | "templates.present"
    | "templates.state"
    | "templates.category"
    | "templates.ttl"
    | "templates.name_blocked"
    | "number.quality"
    | "number.shared"
    | "number.agent"
    | "country.refused"
    | "price.international"
    | "number.identity_check"
    | "number.badge"
    | "api.version"
    | "webhook.silence"
    | "cf.secrets"
    | "cf.subdomain"
    | "cf.token"
    | "cf.migrations"
    | "cf.queues"
    | "cf.plan"
    | "cf.url"
    | "cf.access";
  /**
   * `waits`: another check comes first. `refused`: by Meta, see `meta`. `unanswered`: Meta may have done
   * it. `needs_consent`: repeat it with `take_over`. `by_hand`: a person has to do it.
   */
  outcome: "repaired" | "not_needed" | "waits" | "refused" | "unanswered" | "needs_consent" | "by_hand";
  sentence: string | null;
  /** The number's new two-step PIN, shown this once; note it down. */
  pin: string | null;
  /** Meta's own error, where there was one. */
  meta: {
    code: number;
    subcode: number | null;
    message: string;
    /** What Meta's support asks for. */
    trace: string | null;
  } | null;
}

export interface Stats {
  from: string;
  to: string;
  by:
    | "none"
    | "hour"
    | "country"
    | "channel"
    | "template"
    | "purpose"
    | "app"
    | "sender"
    | "language"
    | "error";
  /**
   * Later than `from` where the first part hour has too many verifications to count, and where the
   * journal has no hours any more: after 90 days it knows whole days. After an upgrade also until older
   * rows are folded: then only the newest ones are counted.
   */
  counted_from: string;
  /**
   * Earlier than `to` where the last part hour has too many verifications to count; then a time some ten
   * minutes ago.
   */
  counted_to: string;
  /**
   * `exact` up to 200,000 verifications, of every app; above, at most 7 % off from a second to eleven
   * minutes, as which longer times count.
   */
  percentiles: "exact" | "bucketed";
  data: Funnel[];
}

export interface Funnel {
  /**
   * The hour's beginning, or the country, channel or other value that the group shares; null where there
   * is none.
   */
  group: string | null;
  /** Verifications that were started and have closed. */
  started: number;
  /** Of these: with a message that its provider reports as sent, or further. */
  sent: number;
  delivered: number;
  /** Users who switched read receipts off are missing here. */
  read: number;
  approved: number;
  /** Approved out of started, 0 to 1. */
  conversion: number | null;
  /** From start to approval, of the approved, by nearest rank. */
  seconds_to_verify: {
    p50: number | null;
    p95: number | null;
  };
  /** Messages that WhatsApp bills, by its price category. */
  billed_messages: Record<string, number>;
  cost: {
    /** Cloudflare's share, estimated by its price list, nothing deducted. */
    platform_usd: number;
    /**
     * US dollars, by the deployment's own prices (`PRICES`) and, where it has none, Meta's rate card of
     * 2026-10-01 without volume tiers; null for a category that neither has.
     */
    messages_usd: number | null;
  };
}

export interface GuardDecision {
  rule:
    | "api_key_rate"
    | "client_rate"
    | "client_denied"
    | "country"
    | "number_type"
    | "number_range"
    | "block_list"
    | "expired_test_number"
    | "range_hour"
    | "range_day"
    | "range_probation"
    | "country_hour"
    | "country_day"
    | "cap_country_sends"
    | "cap_country_cost"
    | "cap_sends"
    | "cap_cost"
    | "named_limit"
    | "number_owner"
    | "identity_change"
    | "team_veto"
    | "api_key_check_rate"
    | "client_check_rate"
    | "spraying";
  code: string;
  /** False where the decision was only recorded. */
  refused: boolean;
  to: string;
  country: string | null;
  app: string;
  purpose: string;
  /** The id of the API key. */
  caller_id: string;
  figures: Record<string, string | number>;
  limits: Record<string, string | number>;
  id: string;
  created_at: string;
}

export interface UndoneBlock {
  id: string;
  /** The API key's id, or `operator` for `ADMIN_KEY`. */
  actor: string;
  actor_name: string;
  /** The app that the actor acted for. */
  app: string;
  /** The operation's id in this description. */
  action: string;
  /** What it was about: ids, a prefix or a masked number. */
  target: string | null;
  reason: string | null;
  created_at: string;
  /** False where there was nothing to undo. */
  changed: boolean;
}

export interface GuardListEntry {
  id: string;
  /** Masked; only a keyed hash of the number is stored. */
  number: string | null;
  prefix: string | null;
  note: string;
  /** The id of the API key. */
  added_by: string;
  added_at: string;
}

export interface EndpointWithSecret {
  id: string;
  /** The app whose events it receives. */
  app: string;
  url: string;
  description: string;
  /** The events it receives; null for all, those of later versions included. */
  event_types:
    | (
        | "verification.started"
        | "verification.approved"
        | "verification.expired"
        | "verification.canceled"
        | "verification.failed"
        | "verification.message"
        | "notification.sent"
        | "notification.delivered"
        | "notification.read"
        | "notification.failed"
        | "message.received"
        | "template.updated"
        | "sender.updated"
        | "deployment.degraded"
        | "deployment.recovered"
        | "capacity.warning"
        | "guard.blocked"
      )[]
    | null;
  /**
   * Several events in one request, as `{ "type": "batch", "data": [ … ] }`; null for a request for each
   * event.
   */
  batch: WebhookBatch | null;
  status: "enabled" | "disabled";
  /** By request, because it answered 410, or because all attempts of five days failed. */
  disabled_reason: "by_request" | "gone" | "failing" | null;
  /** Null from the first success on. */
  failing_since: string | null;
  /**
   * It took more than five seconds three times in a row, and has not answered ten times in time since.
   * Meanwhile its deliveries wait among retries.
   */
  slow: boolean;
  /** Until then what it gets is also signed with the secret before the last rotation. */
  previous_secret_expires_at: string | null;
  /** UTC, with milliseconds. */
  created_at: string;
  /** Verifies signatures. Shown this once. */
  secret: string;
}

export interface WebhookBatch {
  max_events: number;
  max_wait_ms: number;
}

export interface WebhookEndpoint {
  id: string;
  /** The app whose events it receives. */
  app: string;
  url: string;
  description: string;
  /** The events it receives; null for all, those of later versions included. */
  event_types:
    | (
        | "verification.started"
        | "verification.approved"
        | "verification.expired"
        | "verification.canceled"
        | "verification.failed"
        | "verification.message"
        | "notification.sent"
        | "notification.delivered"
        | "notification.read"
        | "notification.failed"
        | "message.received"
        | "template.updated"
        | "sender.updated"
        | "deployment.degraded"
        | "deployment.recovered"
        | "capacity.warning"
        | "guard.blocked"
      )[]
    | null;
  /**
   * Several events in one request, as `{ "type": "batch", "data": [ … ] }`; null for a request for each
   * event.
   */
  batch: WebhookBatch | null;
  status: "enabled" | "disabled";
  /** By request, because it answered 410, or because all attempts of five days failed. */
  disabled_reason: "by_request" | "gone" | "failing" | null;
  /** Null from the first success on. */
  failing_since: string | null;
  /**
   * It took more than five seconds three times in a row, and has not answered ten times in time since.
   * Meanwhile its deliveries wait among retries.
   */
  slow: boolean;
  /** Until then what it gets is also signed with the secret before the last rotation. */
  previous_secret_expires_at: string | null;
  /** UTC, with milliseconds. */
  created_at: string;
}

export interface WebhookTest {
  /** The `webhook-id` it was sent under. */
  event_id: string;
  /** Whether the answer was a 2xx. */
  delivered: boolean;
  /** The answer's HTTP status; null when there was none. */
  status: number | null;
  error: string | null;
  /** The beginning of the answer's body, at most 1,024 characters. */
  answer: string;
  duration_ms: number;
}

export interface WebhookDelivery {
  id: string;
  /** The `webhook-id` of every attempt. */
  event_id: string;
  type: string;
  status: "pending" | "delivered" | "failed";
  attempts: number;
  next_attempt_at: string | null;
  /** The HTTP status of the last answer. */
  last_status: number | null;
  last_error: string | null;
  /** How long the last attempt took. */
  duration_ms: number | null;
  /** UTC, with milliseconds. */
  created_at: string;
  /** UTC, with milliseconds. */
  updated_at: string;
}

export interface WebhookReplay {
  /** How many are on their way again. */
  replayed: number;
  /** The `since` of the next call; null when none is left. */
  next: string | null;
}

export interface CreatedApiKey {
  id: string;
  name: string;
  scopes: ("verifications" | "notifications" | "templates" | "webhooks" | "reports" | "admin" | "hooks")[];
  /** The only app whose verifications and notifications it reaches. */
  app: string;
  created_at: string;
  key: string;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: ("verifications" | "notifications" | "templates" | "webhooks" | "reports" | "admin" | "hooks")[];
  /** The only app whose verifications and notifications it reaches. */
  app: string;
  created_at: string;
}

/** Without a secret for a client that keeps none. */
export interface CreatedOAuthClient {
  client_id: string;
  /** The app that it belongs to. */
  app: string;
  client_name: string;
  redirect_uris: string[];
  application_type: "web" | "native";
  token_endpoint_auth_method: "client_secret_basic" | "client_secret_post" | "none";
  id_token_signed_response_alg: "RS256" | "ES256";
  scope: string;
  /** With `pairwise`, a number has another subject here than at clients of other hosts. */
  subject_type: "public" | "pairwise";
  require_pkce: boolean;
  require_pushed_authorization_requests: boolean;
  authorization_details_types: "payment"[];
  purpose: string;
  claim_aliases: boolean;
  placeholders: {
    email_domain: string;
  } | null;
  logo_uri: string | null;
  policy_uri: string | null;
  tos_uri: string | null;
  /** Until then the secret before the last rotation is accepted as well. */
  previous_secret_expires_at: string | null;
  /** What its settings give up. */
  warnings: string[];
  /** UTC, with milliseconds. */
  created_at: string;
  /** Shown this once: only its digest is stored. */
  client_secret?: string | undefined;
}

export interface OAuthClient {
  client_id: string;
  /** The app that it belongs to. */
  app: string;
  client_name: string;
  redirect_uris: string[];
  application_type: "web" | "native";
  token_endpoint_auth_method: "client_secret_basic" | "client_secret_post" | "none";
  id_token_signed_response_alg: "RS256" | "ES256";
  scope: string;
  /** With `pairwise`, a number has another subject here than at clients of other hosts. */
  subject_type: "public" | "pairwise";
  require_pkce: boolean;
  require_pushed_authorization_requests: boolean;
  authorization_details_types: "payment"[];
  purpose: string;
  claim_aliases: boolean;
  placeholders: {
    email_domain: string;
  } | null;
  logo_uri: string | null;
  policy_uri: string | null;
  tos_uri: string | null;
  /** Until then the secret before the last rotation is accepted as well. */
  previous_secret_expires_at: string | null;
  /** What its settings give up. */
  warnings: string[];
  /** UTC, with milliseconds. */
  created_at: string;
}

export interface OAuthClientWithSecret {
  client_id: string;
  /** The app that it belongs to. */
  app: string;
  client_name: string;
  redirect_uris: string[];
  application_type: "web" | "native";
  token_endpoint_auth_method: "client_secret_basic" | "client_secret_post" | "none";
  id_token_signed_response_alg: "RS256" | "ES256";
  scope: string;
  /** With `pairwise`, a number has another subject here than at clients of other hosts. */
  subject_type: "public" | "pairwise";
  require_pkce: boolean;
  require_pushed_authorization_requests: boolean;
  authorization_details_types: "payment"[];
  purpose: string;
  claim_aliases: boolean;
  placeholders: {
    email_domain: string;
  } | null;
  logo_uri: string | null;
  policy_uri: string | null;
  tos_uri: string | null;
  /** Until then the secret before the last rotation is accepted as well. */
  previous_secret_expires_at: string | null;
  /** What its settings give up. */
  warnings: string[];
  /** UTC, with milliseconds. */
  created_at: string;
  /** Shown this once: only its digest is stored. */
  client_secret: string;
}

export interface SigningKey {
  /** As tokens and the published key set name it. */
  kid: string;
  alg: "RS256" | "ES256";
  /** `next` is published and signs from `signs_from` on, `current` signs, `former` has signed. */
  status: "next" | "current" | "former";
  /** UTC, with milliseconds. */
  created_at: string;
  /** UTC, with milliseconds. */
  signs_from: string;
  /** When a former key leaves the published set. It is kept for longer, to read an `id_token_hint`. */
  published_until: string | null;
}

export interface RotatedSigningKeys {
  data: SigningKey[];
}

export interface AuditEntry {
  id: string;
  /** The API key's id, or `operator` for `ADMIN_KEY`. */
  actor: string;
  actor_name: string;
  /** The app that the actor acted for. */
  app: string;
  /** The operation's id in this description. */
  action: string;
  /** What it was about: ids, a prefix or a masked number. */
  target: string | null;
  reason: string | null;
  /** What came of it, or the code of the problem; null where the end was not recorded. */
  outcome: string | null;
  created_at: string;
}

export interface ListVerificationsQuery {
  /** Of this number, in E.164; the ones still pending are then listed as well. */
  to?: string | undefined;
  status?: "pending" | "approved" | "canceled" | "expired" | "failed" | undefined;
  purpose?: string | undefined;
  /** Entries on a page. Default: 50. */
  limit?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
}

export interface ResendVerification {
  channel?: "whatsapp" | "sms" | undefined;
  /** The end user's address and device, as the app sees them. */
  client?:
    | {
        ip?: string | undefined;
        device_id?: string | undefined;
      }
    | undefined;
  /** Keys for the deployment's named limits; a name it does not have limits nothing. At most 8. */
  limits?: Record<string, string> | undefined;
}

export interface ListTemplatesQuery {
  /** Entries on a page. Default: 50. */
  limit?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
}

export interface SyncTemplatesResult {
  added: {
    template: string;
    language: string;
    /** Its status; null for what is new. */
    before: string | null;
    /** Its status; null for what is no more. */
    after: string | null;
  }[];
  changed: {
    template: string;
    language: string;
    /** Its status; null for what is new. */
    before: string | null;
    /** Its status; null for what is no more. */
    after: string | null;
  }[];
  removed: {
    template: string;
    language: string;
    /** Its status; null for what is new. */
    before: string | null;
    /** Its status; null for what is no more. */
    after: string | null;
  }[];
}

export interface SetUpTemplatesResult {
  data: {
    template: string;
    language: string;
    /** False where there are no words for it in the language. */
    asked: boolean;
    status: string | null;
    /**
     * True where Meta does not allow authentication templates for the account yet. Sandi creates it once
     * Meta does.
     */
    waiting: boolean;
    detail: string | null;
  }[];
}

export interface DeleteTemplateResult {
  name: string;
  warning: string;
}

export interface PreviewTemplateQuery {
  /** The user's language, in BCP 47. */
  locale?: string | undefined;
}

export interface PreviewTemplateResult {
  template: string;
  language: string;
  header: string | null;
  body: string;
  footer: string | null;
  buttons: {
    type: string;
    text: string;
    url?: string | undefined;
    phone_number?: string | undefined;
  }[];
}

export interface ListSendersQuery {
  /** Asks Meta now. */
  fresh?: string | undefined;
}

export interface ExamineDeploymentQuery {
  /** Examines now. */
  fresh?: string | undefined;
}

export interface ReadStatsQuery {
  /** ISO 8601. A day before `to` unless given. */
  from?: string | undefined;
  /** ISO 8601; this moment no longer belongs to it. Now unless given. */
  to?: string | undefined;
  /** A key with the scope `admin` counts every app, or the one that it names; others count their own. */
  app?: string | undefined;
  /**
   * What to tell apart; hours are UTC, of the last 90 days where there are many verifications. Default:
   * "none".
   */
  by?:
    | "none"
    | "hour"
    | "country"
    | "channel"
    | "template"
    | "purpose"
    | "app"
    | "sender"
    | "language"
    | "error"
    | undefined;
}

export interface ListGuardDecisionsQuery {
  rule?:
    | "api_key_rate"
    | "client_rate"
    | "client_denied"
    | "country"
    | "number_type"
    | "number_range"
    | "block_list"
    | "expired_test_number"
    | "range_hour"
    | "range_day"
    | "range_probation"
    | "country_hour"
    | "country_day"
    | "cap_country_sends"
    | "cap_country_cost"
    | "cap_sends"
    | "cap_cost"
    | "named_limit"
    | "number_owner"
    | "identity_change"
    | "team_veto"
    | "api_key_check_rate"
    | "client_check_rate"
    | "spraying"
    | undefined;
  /** One of the deployment's apps. */
  app?: string | undefined;
  /** Entries on a page. Default: 50. */
  limit?: number | undefined;
  after?: string | undefined;
}

export interface ListWebhookEndpointsQuery {
  /** One of the deployment's apps. */
  app?: string | undefined;
}

export interface ListWebhookDeliveriesQuery {
  /** Only the dead letters: what every attempt has failed to deliver. */
  status?: "failed" | undefined;
  /** Entries on a page. Default: 50. */
  limit?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
}

export interface ListKeysQuery {
  /** Entries on a page. Default: 50. */
  limit?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
}

export interface ListOAuthClientsQuery {
  /** Entries on a page. Default: 50. */
  limit?: number | undefined;
  /** The `next` of the page before. */
  after?: string | undefined;
  /** One of the deployment's apps. */
  app?: string | undefined;
}

export interface ListAuditEntriesQuery {
  /** ISO 8601. */
  from?: string | undefined;
  /** ISO 8601; this moment no longer belongs to it. */
  to?: string | undefined;
  /** An API key's id, or `operator`. */
  actor?: string | undefined;
  action?: string | undefined;
  /** Entries on a page. Default: 50. */
  limit?: number | undefined;
  after?: string | undefined;
}

/** Every event that a webhook endpoint may receive. */
export type WebhookEvent =
  | VerificationStartedEvent
  | VerificationApprovedEvent
  | VerificationExpiredEvent
  | VerificationCanceledEvent
  | VerificationFailedEvent
  | VerificationMessageEvent
  | NotificationSentEvent
  | NotificationDeliveredEvent
  | NotificationReadEvent
  | NotificationFailedEvent
  | MessageReceivedEvent
  | TemplateUpdatedEvent
  | SenderUpdatedEvent
  | DeploymentDegradedEvent
  | DeploymentRecoveredEvent
  | CapacityWarningEvent
  | GuardBlockedEvent
  | EndpointTestEvent;
