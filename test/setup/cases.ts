import type { CheckId } from "../../src/setup/checks/ids.ts";
import type { State, Verdict } from "../../src/setup/examination.ts";
import { NOW, SETTINGS } from "../simulator/rig.ts";
import type { Changes } from "./account-at-meta.ts";

/** A fault of an otherwise healthy deployment, and the check that names it. */
export interface Case {
  readonly id: CheckId;
  readonly what: string;
  readonly changes: Changes;
  readonly sentence: string;
  /** Default: `failed`. */
  readonly state?: State;
  /** Default: `blocked`. */
  readonly verdict?: Verdict;
}

const { phoneNumberId, businessAccountId } = SETTINGS;
const ELSEWHERE = "https://crm.example.com/hook";
const HOUR_MS = 3_600_000;
const IN_A_DAY = Math.floor(NOW / 1000) + 86_400;

/** One of a degraded or warning check. */
const MILD = { state: "warning", verdict: "ready" } as const;

const META_CASES: readonly Case[] = [
  {
    id: "template.eligibility",
    what: "a business in verification with a limit of 250",
    changes: { account: { verification: "pending", limit: "TIER_250" } },
    sentence:
      "Meta does not yet allow authentication templates for this account: business verification is pending and the limit is 250. Codes go by SMS or message-first until then.",
    verdict: "limited",
  },
  {
    id: "template.eligibility",
    what: "a verified business with a limit of 250",
    changes: { account: { limit: "TIER_250" } },
    sentence:
      "Meta does not yet allow authentication templates for this account: the limit is 250. Codes go by SMS or message-first until then.",
    verdict: "limited",
  },
  {
    id: "template.eligibility",
    what: "a template that Meta refused to create last night",
    changes: {
      memory: {
        templateRefusals: [{ template: "login_code", code: 10, subcode: 2388185, at: NOW - 12 * HOUR_MS }],
      },
    },
    sentence:
      "Meta does not yet allow authentication templates for this account: it refused to create one. Codes go by SMS or message-first until then.",
    verdict: "limited",
  },
  {
    id: "app.published",
    what: "an accepted message and no webhook ever",
    changes: { memory: { rightSignatureAt: null, sentAt: null, acceptedAt: NOW - 61_000 } },
    sentence:
      "Meta accepted a message but told us nothing of it. Most often the app is not published: App dashboard, Publish.",
  },
  {
    id: "webhook.account",
    what: "an account without the app, of which nothing arrives",
    changes: { account: { subscribed: false }, memory: { rightSignatureAt: null } },
    sentence: "The app is not subscribed to the WhatsApp account Sandi.",
  },
  {
    id: "webhook.fields",
    what: "a webhook without a field",
    changes: { account: { webhook: { fields: [] } }, memory: { rightSignatureAt: null } },
    sentence: "The webhook is set but subscribed to no field (messages is missing).",
  },
  {
    id: "webhook.fields",
    what: "a webhook without two of the fields",
    changes: {
      account: {
        webhook: {
          fields: [
            "messages",
            "message_template_status_update",
            "message_template_quality_update",
            "template_category_update",
            "account_update",
            "account_alerts",
            "account_review_update",
            "business_capability_update",
            "phone_number_quality_update",
          ],
        },
      },
    },
    sentence: "The webhook is not subscribed to phone_number_name_update and security.",
    ...MILD,
  },
  {
    id: "webhook.url",
    what: "an app whose webhook another project has",
    changes: { account: { webhook: { url: ELSEWHERE } } },
    sentence:
      "Another project has taken the app's webhook: it goes to crm.example.com. One app has one address.",
  },
  {
    id: "webhook.url",
    what: "an app without a webhook",
    changes: { account: { webhook: { url: null } } },
    sentence: "App Sandi has no webhook.",
  },
  {
    id: "webhook.override",
    what: "a number that is redirected",
    changes: { account: { override: { number: ELSEWHERE } } },
    sentence: "This number's webhooks are redirected to crm.example.com, past the app's own address.",
  },
  {
    id: "webhook.override",
    what: "an account that is redirected",
    changes: { account: { override: { account: ELSEWHERE } } },
    sentence: "This number's webhooks are redirected to crm.example.com, past the app's own address.",
  },
  {
    id: "webhook.handshake",
    what: "a handshake with another token, and no webhook",
    changes: {
      account: { webhook: { url: null } },
      memory: { handshake: { at: NOW - HOUR_MS, tokenWasRight: false } },
    },
    sentence: "Meta called with another verify token than this deployment's.",
  },
  {
    id: "webhook.handshake",
    what: "a handshake with another token, although the webhook is set",
    changes: { memory: { handshake: { at: NOW - HOUR_MS, tokenWasRight: false } } },
    sentence: "Meta called with another verify token than this deployment's.",
    ...MILD,
  },
  {
    id: "secret.app",
    what: "a secret that Meta does not take",
    changes: { account: { app_secret: "another secret" } },
    sentence: "The app secret is not that of app Sandi (webhooks come with wrong signatures).",
  },
  {
    id: "secret.app",
    what: "webhooks of another app",
    changes: { memory: { wrongSignatureAt: NOW - 1_000 } },
    sentence: "Webhooks come with wrong signatures, although the app secret is that of app Sandi.",
    ...MILD,
  },
  {
    id: "secret.shape",
    what: "an app id in place of the secret",
    changes: { account: { app_secret: "another secret" }, settings: { appSecret: "id" } },
    sentence: "WHATSAPP_APP_SECRET holds an app id.",
  },
  {
    id: "secret.shape",
    what: "a token in place of the secret",
    changes: { account: { app_secret: "another secret" }, settings: { appSecret: "token" } },
    sentence: "WHATSAPP_APP_SECRET holds a token.",
  },
  {
    id: "token.valid",
    what: "a token that has ended",
    changes: { account: { token: { expires_at: Math.floor(NOW / 1000) - 60 } } },
    sentence: "The access token is expired or withdrawn.",
  },
  {
    id: "token.lasting",
    what: "a token that ends tomorrow",
    changes: { account: { token: { expires_at: IN_A_DAY, type: "USER" } } },
    sentence: "The token ends on 2026-11-24: it is the dashboard's test token. Make a system user's.",
    ...MILD,
  },
  {
    id: "token.scopes",
    what: "a token without the management permission",
    changes: { account: { token: { scopes: ["whatsapp_business_messaging"] } } },
    sentence: "The token lacks whatsapp_business_management.",
  },
  {
    id: "token.assigned",
    what: "a token of a user without the account",
    changes: { account: { token: { wabas: [] } } },
    sentence: `The token's system user has no access to WhatsApp account ${businessAccountId}.`,
  },
  {
    id: "token.tasks",
    what: "a user who may only send",
    changes: { account: { token: { tasks: ["MESSAGING"] } } },
    sentence: "The system user may send but not manage templates: give it full control.",
    ...MILD,
  },
  {
    id: "token.app",
    what: "a token of another app",
    changes: { account: { token: { app_id: "700000000000007" } } },
    sentence: "Token and app secret belong to different apps: the token to Another app, the secret to Sandi.",
  },
  {
    id: "ids.kind",
    what: "ids that are swapped",
    changes: { settings: { phoneNumberIds: [businessAccountId], businessAccountId: phoneNumberId } },
    sentence: "The two ids are swapped.",
  },
  {
    id: "ids.kind",
    what: "an app id as the account's",
    changes: { settings: { businessAccountId: "400000000000004" } },
    sentence: "WHATSAPP_BUSINESS_ACCOUNT_ID holds an app id.",
  },
  {
    id: "ids.pair",
    what: "a number of another account",
    changes: { account: { number_waba: "102290129340399" } },
    sentence: "The number belongs to another WhatsApp account, so its templates are elsewhere.",
  },
  {
    id: "number.registered",
    what: "a number that was never registered",
    changes: { account: { status: "PENDING", platform_type: "NOT_APPLICABLE" } },
    sentence: "The number is not registered for the Cloud API yet.",
  },
  {
    id: "number.pin",
    what: "a registration with a wrong PIN",
    changes: {
      account: { status: "PENDING", platform_type: "NOT_APPLICABLE", pin: "123456" },
      memory: { registrationRefusal: { code: 133005, at: NOW - HOUR_MS } },
    },
    sentence: "The number has a two-step PIN that is not this one. Set a new one; guessing locks it.",
  },
  {
    id: "number.verified",
    what: "a number that Meta has not verified",
    changes: {
      account: {
        status: "PENDING",
        platform_type: "NOT_APPLICABLE",
        code_verification_status: "NOT_VERIFIED",
      },
    },
    sentence: "Meta has not verified that the number is yours: ask for a code by SMS or call.",
  },
  {
    id: "number.test",
    what: "Meta's test number, with all that it lacks",
    changes: { account: { account_mode: "SANDBOX", limit: "TIER_250", verification: "not_verified" } },
    sentence: "This is Meta's test number: five recipients, no codes.",
    verdict: "trial",
  },
  {
    id: "number.name",
    what: "a display name in review",
    changes: { account: { name_status: "PENDING_REVIEW" } },
    sentence: "The display name Sandi is in review.",
    ...MILD,
  },
  {
    id: "number.name",
    what: "a display name in review, without which Meta sends nothing",
    changes: {
      account: { name_status: "PENDING_REVIEW" },
      memory: { errors: [{ code: "131037", country: "ID", count: 3, at: NOW - HOUR_MS }] },
    },
    sentence: "The display name Sandi is in review; Meta sends nothing before it is approved.",
  },
  {
    id: "account.payment",
    what: "an account without a payment method",
    changes: { account: { payment: false } },
    sentence: "No payment method: WhatsApp Manager, Billing.",
    verdict: "limited",
  },
  {
    id: "account.verified",
    what: "a business that is not verified, with a template that Meta would not create",
    changes: { account: { verification: "not_verified" }, missing: ["login_code"] },
    sentence: "Business Sandi Ltd is not verified: 2,000 people a day, no authentication templates.",
    verdict: "limited",
  },
  {
    id: "account.limit",
    what: "a limit that is nearly used",
    changes: { memory: { recipientsToday: 1_900 } },
    sentence: "2,000 new people a day can be reached, 1,900 were.",
    ...MILD,
  },
  {
    id: "account.restricted",
    what: "a restriction by webhook",
    changes: {
      memory: {
        accountUpdate: {
          type: "RESTRICTED_BIZ_INITIATED_MESSAGING",
          stopsMessages: true,
          until: Date.parse("2026-12-01"),
          at: NOW - HOUR_MS,
        },
      },
    },
    sentence: "Meta has restricted the account until 2026-12-01: restricted biz initiated messaging.",
  },
  {
    id: "account.restricted",
    what: "a number that is banned",
    changes: { account: { status: "BANNED" } },
    sentence: "Meta has restricted the account: banned.",
  },
  {
    id: "health.meta",
    what: "a fault that no other check names",
    changes: {
      account: {
        health: [
          {
            entity_type: "WABA",
            can_send_message: "BLOCKED",
            errors: [
              {
                error_code: 141099,
                error_description: "The account owes a document",
                possible_solution: "Upload the document of case 123456789",
              },
            ],
          },
        ],
      },
    },
    sentence: "Meta says: The account owes a document.",
  },
  {
    id: "templates.present",
    what: "two templates that do not exist",
    changes: { missing: ["login_code", "shipping_update"] },
    sentence: "login_code and shipping_update do not exist.",
    verdict: "limited",
  },
  {
    id: "templates.present",
    what: "a template that lacks a language",
    changes: { lacking: { name: "login_code", language: "pt_BR" } },
    sentence: "login_code is missing in pt_BR: users of that language get en_US.",
    verdict: "limited",
  },
  {
    id: "templates.state",
    what: "a rejected template",
    changes: {
      control: [
        [
          "POST",
          "/templates/payment_confirmation/status",
          { language: "id", status: "REJECTED", reason: "INCORRECT_CATEGORY" },
        ],
      ],
    },
    sentence: "payment_confirmation was rejected: INCORRECT_CATEGORY (id).",
    ...MILD,
  },
  {
    id: "templates.state",
    what: "the template of codes paused in every language",
    changes: { control: [["POST", "/templates/verification_code/status", { status: "PAUSED" }]] },
    sentence: "verification_code was paused (en_US, id and pt_BR).",
  },
  {
    id: "templates.category",
    what: "a template that Meta has moved",
    changes: {
      account: { country: "IN" },
      control: [["POST", "/templates/appointment_reminder/category", { category: "MARKETING" }]],
    },
    sentence:
      "Meta has moved appointment_reminder to MARKETING: in IN 8 times the price, and users can mute it.",
    ...MILD,
  },
  {
    id: "templates.ttl",
    what: "codes that live shorter than WhatsApp tries",
    changes: {
      settings: { templates: [{ name: "verification_code", purposes: ["login"], codeLifeSeconds: 120 }] },
    },
    sentence: "Codes of login live 120 s, WhatsApp tries for 300 s.",
    ...MILD,
  },
  {
    id: "templates.name_blocked",
    what: "a template that was deleted",
    changes: {
      missing: ["login_code"],
      memory: { deletedTemplates: { login_code: NOW - HOUR_MS } },
    },
    sentence: "The name login_code is blocked until 2026-12-23; use login_code_2.",
    ...MILD,
  },
  {
    id: "number.quality",
    what: "a number with red quality",
    changes: { account: { quality: "RED" } },
    sentence: "Quality is RED: Meta may lower the limit.",
    ...MILD,
  },
  {
    id: "number.shared",
    what: "a number that is also in the Business app",
    changes: { account: { is_on_biz_app: true } },
    sentence: "The number is also in the Business app: 20 messages a second at most.",
    ...MILD,
  },
  {
    id: "number.agent",
    what: "a number that Meta's agent answers",
    changes: { account: { agent_active: true }, memory: { standbyAt: NOW - HOUR_MS } },
    sentence: "Meta's Business Agent answers on this number; Sandi does not hear users.",
    ...MILD,
  },
  {
    id: "country.refused",
    what: "a country that Meta refuses",
    changes: { memory: { errors: [{ code: "130497", country: "BR", count: 4, at: NOW - HOUR_MS }] } },
    sentence: "Meta refuses codes to BR from this account.",
    ...MILD,
  },
  {
    id: "price.international",
    what: "an account with the international rate",
    changes: {
      account: {
        auth_international_rate_eligibility: {
          start_time: IN_A_DAY,
          exception_countries: [{ country_code: "ID", start_time: Date.parse("2026-10-01") / 1000 }],
        },
      },
    },
    sentence: "Codes to ID cost 5.4 times as much since 2026-10-01.",
    ...MILD,
  },
  {
    id: "number.identity_check",
    what: "Meta's identity check off, although the team asks for it",
    changes: { account: { identity_check: false } },
    sentence: "Bind-to-device is asked for, but Meta's identity check is off.",
    ...MILD,
  },
  {
    id: "number.badge",
    what: "a refused blue tick",
    changes: { account: { oba: "REJECTED" } },
    sentence: "No blue tick: refused, again 30 days after the last request.",
    ...MILD,
  },
  {
    id: "api.version",
    what: "a version that ends soon",
    changes: { settings: { apiVersion: "v21.0" } },
    sentence: "v21.0 ends on 2027-01-21: set v26.0.",
    ...MILD,
  },
  {
    id: "webhook.silence",
    what: "messages that Meta has not reported on",
    changes: { memory: { unreported: { count: 12, since: Date.parse("2026-11-23T09:50:00Z") } } },
    sentence: "Meta took 12 messages since 09:50 UTC and has reported on none.",
    ...MILD,
  },
];

const CLOUDFLARE_CASES: readonly Case[] = [
  {
    id: "cf.secrets",
    what: "a Worker without one of its secrets",
    changes: {
      cloudflare: {
        secretNames: ["SECRET_KEY", "ADMIN_KEY", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_VERIFY_TOKEN"],
      },
    },
    sentence: "The required secret WHATSAPP_APP_SECRET has not been set.",
  },
  {
    id: "cf.subdomain",
    what: "an account without a workers.dev name",
    changes: { cloudflare: { hasSubdomain: false } },
    sentence: "Register a workers.dev name first: Cloudflare dashboard, Workers & Pages.",
  },
  {
    id: "cf.token",
    what: "a token that may not write to D1",
    changes: { cloudflare: { missingPermissions: ["D1: edit"], pendingMigrations: null, queues: null } },
    sentence: "The Cloudflare token lacks D1: edit.",
  },
  {
    id: "cf.migrations",
    what: "tables of an older version, as wrangler sees them",
    changes: { cloudflare: { pendingMigrations: ["0012_weeks.sql"] } },
    sentence: "The journal's tables are those of an older version.",
  },
  {
    id: "cf.migrations",
    what: "tables of an older version, as the Worker sees them",
    changes: { cloudflare: { pendingMigrations: null }, platform: { lastMigration: "0010_via.sql" } },
    sentence: "The journal's tables are those of an older version.",
  },
  {
    id: "cf.queues",
    what: "a queue that nothing reads",
    changes: { cloudflare: { queues: null }, platform: { oldestEventAt: NOW - HOUR_MS } },
    sentence: "Events are not being consumed.",
  },
  {
    id: "cf.queues",
    what: "events that could not be stored",
    changes: { platform: { deadLetters: 3 } },
    sentence: "3 events could not be stored.",
    state: "warning",
    verdict: "ready",
  },
  {
    id: "cf.queues",
    what: "a queue that does not exist",
    changes: {
      cloudflare: {
        queues: [
          "sandi-sends",
          "sandi-notifications",
          "sandi-events",
          "sandi-deliveries",
          "sandi-deliveries-slow",
        ].map((name) => ({ name, consumers: 1 })),
      },
    },
    sentence: "A queue does not exist: sandi-events-dead.",
  },
  {
    id: "cf.plan",
    what: "more codes than the free plan's queue operations allow",
    changes: { cloudflare: { usage: { plan: "free", codesToday: 2_900 } } },
    sentence: "The free plan's queue operations end near 3,300 codes a day; 2,900 were started.",
    ...MILD,
  },
  {
    id: "cf.url",
    what: "an address without a Worker",
    changes: {
      cloudflare: {
        health: { kind: "answered", status: 404, redirectHost: null, isOurs: false },
        webhook: null,
      },
    },
    sentence: "Meta cannot reach http://sandi.test: no Worker answers there.",
  },
  {
    id: "cf.access",
    what: "a login page before the webhook",
    changes: {
      cloudflare: {
        webhook: {
          kind: "answered",
          status: 302,
          redirectHost: "example.cloudflareaccess.com",
          isOurs: false,
        },
      },
    },
    sentence:
      "Cloudflare Access, a WAF rule or bot fight mode stands before the webhook: it answers a redirect to example.cloudflareaccess.com.",
  },
];

export const CASES: readonly Case[] = [...META_CASES, ...CLOUDFLARE_CASES];
