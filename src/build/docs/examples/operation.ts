import type { Answers } from "./example.ts";

const AT = "2026-11-23T15:45:42.495Z";

const ACT = {
  id: "aud_8j9tj05zdrwn3r5v",
  actor: "key_djq698bvkcbzsyqgsfpqv22pv5hx0g1n",
  actor_name: "Operations",
  app: "default",
  action: "unblockRange",
  target: "+6281234567",
  reason: "Our own campaign.",
  created_at: AT,
};

/** A decision of the guard, without its id and time. */
export const REFUSED = {
  rule: "block_list",
  code: "destination_not_allowed",
  refused: true,
  to: "+88213123456",
  country: null,
  app: "default",
  purpose: "login",
  caller_id: "key_0f5jv3mnkt2x8qdp7wcz4ay1erbg6h9s",
  figures: { prefix: "+88213" },
  limits: { list: "block" },
};

const BLOCKED = {
  id: "+88213",
  number: null,
  prefix: "+88213",
  note: "We have no customers there.",
  added_by: ACT.actor,
  added_at: AT,
};

const KEY = {
  id: "key_0f5jv3mnkt2x8qdp7wcz4ay1erbg6h9s",
  name: "Shop backend",
  scopes: ["verifications"],
  app: "default",
  created_at: AT,
};

const SENDER = {
  phone_number_id: "106540352242922",
  number: "+1 206-555-0100",
  verified_name: "Example Shop",
  official: true,
  official_request: { status: "APPROVED", message: null },
  quality: "GREEN",
  messaging_limit: "TIER_2K",
  recipients_today: 240,
  limit_used: 0.12,
  throughput: "STANDARD",
  status: "CONNECTED",
  name_status: "APPROVED",
  last_webhook_at: AT,
  checked_at: "2026-11-23T15:02:11.018Z",
};

const EXAMINATION = {
  verdict: "blocked",
  checked_at: AT,
  next: "Subscribe the app to the WhatsApp account: `POST /v1/doctor/repairs` does it.",
  checks: [
    {
      id: "webhook.account",
      severity: "blocks",
      state: "failed",
      sentence: "The app is not subscribed to the WhatsApp account Example Shop.",
      why: "Meta tells this deployment neither of deliveries nor of what users write.",
      repair: {
        by: "doctor",
        text: "Subscribe the app to the WhatsApp account: `POST /v1/doctor/repairs` does it.",
      },
      evidence: { expected: ["1000000000000001"], found: [] },
      meta: null,
    },
  ],
};

/** What operators and dashboards call. */
export const operationAnswers = {
  examineDeployment: { 200: EXAMINATION },
  repairDeployment: {
    200: {
      data: [{ check: "webhook.account", outcome: "repaired", sentence: null, pin: null, meta: null }],
    },
  },
  listSenders: { 200: { data: [SENDER] } },
  readStats: {
    200: {
      from: "2026-11-22T15:45:00.000Z",
      to: "2026-11-23T15:45:00.000Z",
      by: "none",
      counted_from: "2026-11-22T15:45:00.000Z",
      counted_to: "2026-11-23T15:45:00.000Z",
      percentiles: "exact",
      data: [
        {
          group: null,
          started: 18_204,
          sent: 18_150,
          delivered: 17_903,
          read: 12_377,
          approved: 16_931,
          conversion: 0.93,
          seconds_to_verify: { p50: 9.412, p95: 41.07 },
          billed_messages: { authentication: 17_903 },
          cost: { platform_usd: 0.27, messages_usd: 447.58 },
        },
      ],
    },
  },
  listGuardDecisions: {
    200: {
      data: [{ ...REFUSED, to: "+882*******56", id: "evt_766z6xr47jg1et6bg5xt617byw", created_at: AT }],
      next: null,
    },
  },
  unblockRange: { 200: { ...ACT, changed: true } },
  unlockNumber: {
    200: {
      ...ACT,
      id: "aud_8zf2dpfn5be35sxm",
      action: "unlockNumber",
      target: "+62*********90",
      reason: "The owner called us.",
      changed: true,
    },
  },
  listGuardListEntries: { 200: { data: [BLOCKED], next: null } },
  addGuardListEntry: { 201: BLOCKED },
  removeGuardListEntry: { 204: null },
  createKey: { 201: { ...KEY, key: "sandi_0123456789abcdefghjkmnpqrstvwxyz" } },
  listKeys: { 200: { data: [KEY], next: null } },
  revokeKey: { 204: null },
  listAuditEntries: { 200: { data: [{ ...ACT, outcome: "unblocked" }], next: null } },
} satisfies Answers;
