import { CREDENTIALS, FAST_SENDERS } from "../../world/settings.ts";

export type Purpose = "login" | "signup" | "recovery" | "transaction" | "brief";

/** A purpose for each kind of policy: `signup` draws a new code for each message and takes one of the user's, `brief` expires soon. */
const PURPOSES: Readonly<Record<Purpose, object>> = {
  login: {},
  signup: {
    resend: "new",
    resend_after_seconds: [6],
    message_first: "on",
    message_first_learns_number: true,
  },
  recovery: { channels: ["whatsapp", "sms"], fallback_after_seconds: 10, resend_after_seconds: [6] },
  transaction: { bind_required: true, max_attempts: 4 },
  brief: { expires_in_seconds: 30, max_attempts: 3 },
};

/** The attempts that {@link PURPOSES} allow, for the checker. */
export const MAX_ATTEMPTS: Readonly<Record<string, number>> = {
  login: 5,
  signup: 5,
  recovery: 5,
  transaction: 4,
  brief: 3,
};

/** How many messages a number gets within a day, for the checker. */
export const SENDS_PER_DAY = 10;
/** How many of them are kept for devices whose codes were approved on the number. */
export const KEPT_FOR_KNOWN = 3;

/**
 * The Worker's variables and secrets.
 *
 * @param provider Where WhatsApp and the SMS gateway listen.
 * @param api Where the Worker listens.
 */
export function workerValues(provider: string, api: string): Readonly<Record<string, unknown>> {
  return {
    ...CREDENTIALS,
    WHATSAPP_BASE_URL: provider,
    WHATSAPP_SENDERS: FAST_SENDERS,
    SMS: { gateway: "http", brand: "Example", url: `${provider}/sms`, callback_url: api },
    PURPOSES,
    APPS: { shop: {} },
    SIGN_IN: { issuer: api },
    // The day alone: with the shorter windows most of the traffic would be refused.
    NUMBER_LIMITS: { sends: `${SENDS_PER_DAY} per day`, kept_for_known: KEPT_FOR_KNOWN },
    // All requests come from one address, at more than any fence allows.
    GUARD: { fence: { mode: "off" } },
  };
}
