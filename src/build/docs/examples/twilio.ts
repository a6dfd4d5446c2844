import { PLACEHOLDERS } from "../../../http/documentation.ts";
import type { Answers } from "./example.ts";

const API = `${PLACEHOLDERS.origin}/twilio/v2`;
const SID = "VE1d549fb6358d66516f2004b7dea96107";
const ATTEMPT_SID = "VL5f0c2a7d9b3e41d86a02c4f7e913b58d";
const ACCOUNT = { account_sid: "AC00000000000000000000000000000000" };
const STARTED_AT = "2026-11-23T15:45:42Z";
const DATES = { date_created: STARTED_AT, date_updated: "2026-11-23T15:45:55Z" };

const SHOWN = {
  sid: SID,
  service_sid: "login",
  ...ACCOUNT,
  to: "+6281234567890",
  channel: "whatsapp",
  status: "pending",
  valid: false,
  amount: null,
  payee: null,
  date_created: STARTED_AT,
  date_updated: STARTED_AT,
};

const PENDING = {
  ...SHOWN,
  lookup: {},
  send_code_attempts: [{ time: "2026-11-23T15:45:42.495Z", channel: "whatsapp", attempt_sid: ATTEMPT_SID }],
  sna: null,
  url: `${API}/Services/login/Verifications/${SID}`,
};

const SERVICE = {
  sid: "VA0123456789abcdef0123456789abcdef",
  ...ACCOUNT,
  friendly_name: "login",
  code_length: 6,
  psd2_enabled: false,
  custom_code_enabled: true,
  lookup_enabled: false,
  skip_sms_to_landlines: false,
  dtmf_input_required: false,
  do_not_share_warning_enabled: false,
  verify_event_subscription_enabled: false,
  tts_name: null,
  default_template_sid: null,
  push: {},
  totp: {},
  whatsapp: {},
  passkeys: {},
  date_created: null,
  date_updated: null,
  url: `${API}/Services/VA0123456789abcdef0123456789abcdef`,
  links: {},
};

const ATTEMPT = {
  sid: ATTEMPT_SID,
  ...ACCOUNT,
  service_sid: "VA0123456789abcdef0123456789abcdef",
  verification_sid: SID,
  ...DATES,
  conversion_status: "converted",
  channel: "whatsapp",
  price: { value: null, currency: "usd" },
  channel_data: {
    verification_sid: SID,
    to: "+62*********90",
    status: "confirmed",
    message_status: "delivered",
    error_code: null,
    country: "ID",
    locale: "id",
  },
  url: `${API}/Attempts/${ATTEMPT_SID}`,
};

function page(key: string, path: string) {
  return {
    key,
    page: 0,
    page_size: 50,
    first_page_url: `${API}${path}?PageSize=50&Page=0`,
    previous_page_url: null,
    url: `${API}${path}?PageSize=50&Page=0`,
    next_page_url: null,
  };
}

/** Answers in the dialect of Twilio Verify. */
export const twilioAnswers = {
  createTwilioVerification: { 201: PENDING },
  checkTwilioVerification: {
    200: { ...SHOWN, ...DATES, status: "approved", valid: true, sna_attempts_error_codes: [] },
  },
  fetchTwilioVerification: { 200: PENDING },
  updateTwilioVerification: { 200: { ...PENDING, ...DATES, status: "canceled" } },
  listTwilioServices: { 200: { services: [SERVICE], meta: page("services", "/Services") } },
  fetchTwilioService: { 200: SERVICE },
  listTwilioAttempts: { 200: { attempts: [ATTEMPT], meta: page("attempts", "/Attempts") } },
  summarizeTwilioAttempts: {
    200: {
      total_attempts: 11,
      total_converted: 9,
      total_unconverted: 2,
      conversion_rate_percentage: "81.818181818",
      url: `${API}/Attempts/Summary`,
    },
  },
} satisfies Answers;
