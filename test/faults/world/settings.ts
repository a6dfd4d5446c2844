/** Who the deployment under test is. All of it is made up. */
export const ADMIN_KEY = "faults-admin-key-0123456789-abcdefghijklmnop";
export const ACCESS_TOKEN = "faults-access-token";
export const APP_SECRET = "faults-app-secret";
export const SMS_SECRET = `whsec_${Buffer.from("faults-sms-secret-0123456789-abc").toString("base64")}`;
export const ACCOUNT = { phoneNumberId: "100000000000001", businessAccountId: "200000000000002" };

export type Purpose = "login" | "signup" | "recovery" | "transaction" | "brief";

/** One purpose for each kind of story. `signup` draws a new code for each message, `brief` expires soon. */
const PURPOSES: Readonly<Record<Purpose, object>> = {
  login: {},
  signup: { resend: "new", resend_after_seconds: [6] },
  recovery: { channels: ["whatsapp", "sms"], fallback_after_seconds: 10, resend_after_seconds: [6] },
  transaction: { bind_required: true, max_attempts: 4 },
  brief: { expires_in_seconds: 30, max_attempts: 3 },
};

/** What the configuration above allows, for the checker to hold the Worker to. */
export const MAX_ATTEMPTS: Readonly<Record<string, number>> = {
  login: 5,
  signup: 5,
  recovery: 5,
  transaction: 4,
  brief: 3,
};

/** The Worker's environment besides its bindings. */
export function values(whatsApp: string, api: string): Readonly<Record<string, unknown>> {
  return {
    WHATSAPP_BASE_URL: whatsApp,
    WHATSAPP_PHONE_NUMBER_ID: ACCOUNT.phoneNumberId,
    WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT.businessAccountId,
    WHATSAPP_SENDERS: [{ phone_number_id: ACCOUNT.phoneNumberId, messages_per_second: 1000 }],
    SECRET_KEY: "faults-secret-key-0123456789-abcdefghijklmnop",
    ADMIN_KEY,
    WHATSAPP_ACCESS_TOKEN: ACCESS_TOKEN,
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: "faults-verify-token",
    SMS: { gateway: "http", brand: "Example", url: `${whatsApp}/sms`, callback_url: api },
    SMS_SECRET,
    PURPOSES,
    // Everything comes from one address, and more of it than any fence lets through.
    GUARD: { fence: { mode: "off" } },
  };
}
