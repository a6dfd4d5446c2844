import type { Answers } from "./example.ts";

const ID = "vrf_3n9bzjphnsjg5qgs0jdxagb1w0";
const STARTED_AT = "2026-11-23T15:45:42.495Z";
const APPROVED_AT = "2026-11-23T15:45:55.120Z";

const MESSAGE = {
  channel: "whatsapp",
  status: "queued",
  template: "verification_code",
  language: "id",
  provider_message_id: "wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABEYEjQ",
  error: null,
  created_at: STARTED_AT,
  updated_at: STARTED_AT,
};
const DELIVERED = { ...MESSAGE, status: "delivered", updated_at: "2026-11-23T15:45:43.000Z" };

export const STARTED = {
  id: ID,
  app: "default",
  via: "v1",
  test: false,
  status: "pending",
  reason: null,
  method: "code",
  message_first: null,
  number_learned: false,
  other_number_ends_with: null,
  purpose: "login",
  to: "+6281234567890",
  channel: "whatsapp",
  locale: "id",
  bind: null,
  metadata: {},
  identity_changed: false,
  attempts_remaining: 5,
  sends_remaining: 4,
  created_at: STARTED_AT,
  expires_at: "2026-11-23T15:50:42.495Z",
  resend_at: "2026-11-23T15:46:12.495Z",
  closed_at: null,
  messages: [MESSAGE],
};

export const ON_THE_PHONE = { ...STARTED, messages: [DELIVERED] };

const RESENT_AT = "2026-11-23T15:46:20.031Z";
const RESENT = {
  ...STARTED,
  sends_remaining: 3,
  expires_at: "2026-11-23T15:51:20.031Z",
  resend_at: "2026-11-23T15:47:20.031Z",
  messages: [DELIVERED, { ...MESSAGE, created_at: RESENT_AT, updated_at: RESENT_AT }],
};

export const APPROVED = {
  ...ON_THE_PHONE,
  status: "approved",
  attempts_remaining: 4,
  resend_at: null,
  closed_at: APPROVED_AT,
};

export const EXPIRED = {
  ...ON_THE_PHONE,
  status: "expired",
  resend_at: null,
  closed_at: "2026-11-23T15:50:42.495Z",
};

export const CANCELED = { ...ON_THE_PHONE, status: "canceled", resend_at: null, closed_at: APPROVED_AT };

const NOT_ON_WHATSAPP = {
  code: "131026",
  title: "The number cannot be reached on WhatsApp",
  action: "Reach this user another way.",
};

export const FAILED = {
  ...STARTED,
  status: "failed",
  reason: "undeliverable",
  resend_at: null,
  closed_at: "2026-11-23T15:45:44.000Z",
  messages: [{ ...DELIVERED, status: "failed", error: NOT_ON_WHATSAPP }],
};

/** As the journal keeps it: the number masked, and no id of the message, which contains the number. */
const IN_THE_JOURNAL = {
  ...APPROVED,
  to: "+62*********90",
  messages: [{ ...DELIVERED, provider_message_id: null }],
};

export const verificationAnswers = {
  startVerification: { 201: STARTED, 200: RESENT },
  checkVerification: { 200: { ...APPROVED, valid: true } },
  checkVerificationByNumber: { 200: { ...APPROVED, valid: true } },
  getVerification: { 200: ON_THE_PHONE },
  resendVerification: { 200: RESENT },
  cancelVerification: { 200: CANCELED },
  approveVerification: { 200: { ...APPROVED, attempts_remaining: 5 } },
  listVerifications: { 200: { data: [IN_THE_JOURNAL], next: null } },
} satisfies Answers;
