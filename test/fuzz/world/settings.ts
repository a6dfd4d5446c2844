/** Who the deployment under test is. All of it is made up. */
export const ADMIN_KEY = "fuzz-admin-key-0123456789-abcdefghijklmnopqr";
export const APP_SECRET = "fuzz-app-secret";
export const VERIFY_TOKEN = "fuzz-verify-token";
export const ACCESS_TOKEN = "fuzz-access-token";
export const SMS_SECRET = `whsec_${Buffer.from("fuzz-sms-secret-0123456789-abcde").toString("base64")}`;
export const ACCOUNT = { phoneNumberId: "100000000000001", businessAccountId: "200000000000002" };

/**
 * The Worker's environment besides its bindings: everything switched on, and no limit that would keep requests
 * out of the code behind it.
 */
export const VALUES = {
  WHATSAPP_PHONE_NUMBER_ID: ACCOUNT.phoneNumberId,
  WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT.businessAccountId,
  WHATSAPP_SENDERS: [{ phone_number_id: ACCOUNT.phoneNumberId, messages_per_second: 1000 }],
  SECRET_KEY: "fuzz-secret-key-0123456789-abcdefghijklmnopqr",
  ADMIN_KEY,
  WHATSAPP_ACCESS_TOKEN: ACCESS_TOKEN,
  WHATSAPP_APP_SECRET: APP_SECRET,
  WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
  SMS: { gateway: "http", brand: "Example", url: "https://sms.example.com/sms" },
  SMS_SECRET,
  PURPOSES: {
    login: {},
    recovery: { channels: ["whatsapp", "sms"] },
    transaction: { bind_required: true },
    signup: { resend: "new", resend_after_seconds: [6], max_attempts: 10 },
  },
  CONVERSATION: { first_reply: "Thanks! We will be with you soon." },
  GUARD: {
    fence: { mode: "off" },
    named_limits: { windows: { account: "10 per h, 20 per day" } },
  },
};
