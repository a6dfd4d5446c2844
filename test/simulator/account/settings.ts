import * as z from "zod";

/** The webhook fields that Sandi reads, which a healthy app is subscribed to. */
const WEBHOOK_FIELDS = [
  "messages",
  "message_template_status_update",
  "message_template_quality_update",
  "template_category_update",
  "account_update",
  "account_alerts",
  "account_review_update",
  "business_capability_update",
  "phone_number_quality_update",
  "phone_number_name_update",
  "security",
];

/** More webhook fields that an app can subscribe to. Source: Meta's webhook reference. */
const MORE_WEBHOOK_FIELDS = [
  "account_settings_update",
  "calls",
  "flows",
  "group_lifecycle_update",
  "group_participants_update",
  "group_settings_update",
  "group_status_update",
  "history",
  "message_echoes",
  "message_template_components_update",
  "messaging_handovers",
  "partner_solutions",
  "payment_configuration_update",
  "smb_app_state_sync",
  "smb_message_echoes",
  "standby",
  "template_correct_category_detection",
  "tracking_events",
  "user_preferences",
];

export const KNOWN_WEBHOOK_FIELDS: readonly string[] = [...WEBHOOK_FIELDS, ...MORE_WEBHOOK_FIELDS];

/** Messaging limits, the lowest first. Source: Meta's page on messaging limits. */
export const MESSAGING_LIMITS = [
  "TIER_NOT_SET",
  "TIER_50",
  "TIER_250",
  "TIER_1K",
  "TIER_2K",
  "TIER_10K",
  "TIER_100K",
  "TIER_UNLIMITED",
] as const;

const sixDigits = z.string().regex(/^\d{6}$/, "not six digits");
const id = z.string().regex(/^\d+$/, "not an id of Meta");

const healthEntity = z.strictObject({
  entity_type: z.enum(["PHONE_NUMBER", "MESSAGE_TEMPLATE", "WABA", "BUSINESS", "APP"]),
  can_send_message: z.enum(["AVAILABLE", "LIMITED", "BLOCKED"]),
  additional_info: z.array(z.string()).optional(),
  errors: z
    .array(
      z.strictObject({
        error_code: z.int(),
        error_description: z.string(),
        possible_solution: z.string().optional(),
      }),
    )
    .optional(),
});

/**
 * What is set at Meta for app, token, WhatsApp account and number, as `PUT /_sim/account` takes it. Values of Meta's
 * own vocabularies are texts, since Meta adds to them.
 */
export const accountSchema = z.strictObject({
  /** An unpublished app gets no webhooks. */
  published: z.boolean(),
  /** The app's webhook. `url` is null for none. */
  webhook: z.strictObject({
    url: z.url().nullable(),
    fields: z.array(z.string()),
    verify_token: z.string().nullable(),
    /** False where fields can be set by hand only, as has been reported of some apps. */
    fields_by_api: z.boolean(),
  }),
  /** Where webhooks about messages go instead: of the account, and before that of the number. */
  override: z.strictObject({ account: z.url().nullable(), number: z.url().nullable() }),
  /** Whether the app is subscribed to the account. */
  subscribed: z.boolean(),
  app_secret: z.string().min(1),
  token: z.strictObject({
    /** Unix seconds; 0 for a token without an end. */
    expires_at: z.int().min(0),
    type: z.enum(["SYSTEM_USER", "USER", "APP", "PAGE"]),
    /** The app that the token belongs to. */
    app_id: id,
    scopes: z.array(z.string()),
    /** The accounts that the token's user is assigned to. */
    wabas: z.array(id),
    tasks: z.array(z.string()),
  }),

  /** `business_verification_status`: `verified`, `not_verified`, `pending`, … */
  verification: z.string().min(1),
  limit: z.enum(MESSAGING_LIMITS),
  /** Whether there is a payment method. */
  payment: z.boolean(),
  account_review_status: z.string().min(1),
  account_status: z.string().min(1),
  country: z.string().length(2),
  primary_business_location: z.string().length(2),
  /** Since when, in Unix seconds, Meta bills codes to other countries dearer, and per country; null if it does not. */
  auth_international_rate_eligibility: z
    .strictObject({
      start_time: z.int(),
      exception_countries: z.array(
        z.strictObject({ country_code: z.string().length(2), start_time: z.int() }),
      ),
    })
    .nullable(),
  /** Entities of `health_status` in place of those that follow from the rest. */
  health: z.array(healthEntity),

  name_status: z.string().min(1),
  new_display_name: z.string().min(1).nullable(),
  new_name_status: z.string().min(1),
  /** The number's status: `CONNECTED`, `PENDING`, `BANNED`, … */
  status: z.string().min(1),
  platform_type: z.enum(["CLOUD_API", "ON_PREMISE", "NOT_APPLICABLE"]),
  account_mode: z.enum(["LIVE", "SANDBOX"]),
  code_verification_status: z.enum(["VERIFIED", "NOT_VERIFIED", "EXPIRED"]),
  quality: z.enum(["GREEN", "YELLOW", "RED", "UNKNOWN", "NA"]),
  throughput: z.enum(["STANDARD", "HIGH", "NOT_APPLICABLE"]),
  is_on_biz_app: z.boolean(),
  /** The code that Meta sent to the number to prove its owner; null if none was asked for. */
  requested_code: sixDigits.nullable(),
  /** The two-step PIN; null for none. */
  pin: sixDigits.nullable(),
  /** The state of the request for the blue tick. */
  oba: z
    .enum(["NOT_STARTED", "PENDING", "APPROVED", "REJECTED"])
    .nullable()
    .transform((status) => status ?? "NOT_STARTED"),
  identity_check: z.boolean(),
  /** Meta's Business Agent answers, and apps are on standby. */
  agent_active: z.boolean(),
  /** Countries, as ISO 3166 writes them, that Meta refuses messages to. */
  blocked_countries: z.array(z.string().length(2)),
  /** The account that the number belongs to. */
  number_waba: id,
  /** Further numbers of that account, which can only be read. */
  more_numbers: z.array(
    z.strictObject({ id, display_phone_number: z.string().min(1), verified_name: z.string().min(1) }),
  ),
});

export type AccountSettings = z.output<typeof accountSchema>;

/** A part of the settings; within `webhook`, `override` and `token` as well, what is left out stays as it is. */
export const accountPatchSchema = accountSchema
  .extend({
    webhook: accountSchema.shape.webhook.partial(),
    override: accountSchema.shape.override.partial(),
    token: accountSchema.shape.token.partial(),
  })
  .partial();

export type AccountPatch = z.output<typeof accountPatchSchema>;

/** What the simulator was started with, and so what a healthy account has. */
export interface AccountOptions {
  webhookUrl: string;
  verifyToken: string | null;
  appSecret: string;
  businessAccountId: string;
}

/** Ids of Meta that follow from no setting. */
export const APP = { id: "400000000000004", name: "Sandi" } as const;
export const BUSINESS_PORTFOLIO = { id: "300000000000003", name: "Sandi Ltd" } as const;
export const SYSTEM_USER = { id: "500000000000005", name: "sandi" } as const;

/** An account where everything is as it has to be. */
export function healthyAccount(options: AccountOptions): AccountSettings {
  return {
    published: true,
    webhook: {
      url: options.webhookUrl,
      fields: WEBHOOK_FIELDS,
      verify_token: options.verifyToken,
      fields_by_api: true,
    },
    override: { account: null, number: null },
    subscribed: true,
    app_secret: options.appSecret,
    token: {
      expires_at: 0,
      type: "SYSTEM_USER",
      app_id: APP.id,
      scopes: ["whatsapp_business_management", "whatsapp_business_messaging"],
      wabas: [options.businessAccountId],
      tasks: ["MANAGE", "DEVELOP", "MANAGE_TEMPLATES", "MANAGE_PHONE", "MESSAGING"],
    },
    verification: "verified",
    limit: "TIER_2K",
    payment: true,
    account_review_status: "APPROVED",
    account_status: "ACTIVE",
    country: "US",
    primary_business_location: "US",
    auth_international_rate_eligibility: null,
    health: [],
    name_status: "APPROVED",
    new_display_name: null,
    new_name_status: "NONE",
    status: "CONNECTED",
    platform_type: "CLOUD_API",
    account_mode: "LIVE",
    code_verification_status: "VERIFIED",
    quality: "GREEN",
    throughput: "STANDARD",
    is_on_biz_app: false,
    requested_code: null,
    pin: null,
    oba: "NOT_STARTED",
    identity_check: false,
    agent_active: false,
    blocked_countries: [],
    number_waba: options.businessAccountId,
    more_numbers: [],
  };
}
