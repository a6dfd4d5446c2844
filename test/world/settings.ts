/** The test deployment's credentials. All of them are made up. */
export const SECRET_KEY = "test-secret-key-0123456789-abcdefghijklmnop";
export const ADMIN_KEY = "test-admin-key-0123456789-abcdefghijklmnopq";
export const ACCESS_TOKEN = "test-access-token";
export const APP_SECRET = "test-app-secret";
export const VERIFY_TOKEN = "test-verify-token";
export const SMS_SECRET = `whsec_${btoa("test-sms-secret-0123456789-abcde")}`;
export const SUPABASE_SECRET = `v1,whsec_${btoa("test-supabase-secret-0123456789-abc")}`;
export const ZITADEL_KEY = "test-zitadel-signing-key-0123456789";
export const CLERK_SECRET = `whsec_${btoa("test-clerk-secret-0123456789")}`;
export const AUTHGEAR_SECRET = "test-authgear-webhook-secret-0123456789";
export const ACCOUNT = { phoneNumberId: "100000000000001", businessAccountId: "200000000000002" };

/** The part of the Worker's environment that every test deployment shares. */
export const CREDENTIALS = {
  SECRET_KEY,
  ADMIN_KEY,
  WHATSAPP_ACCESS_TOKEN: ACCESS_TOKEN,
  WHATSAPP_APP_SECRET: APP_SECRET,
  WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
  WHATSAPP_PHONE_NUMBER_ID: ACCOUNT.phoneNumberId,
  WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT.businessAccountId,
  SMS_SECRET,
  SUPABASE_HOOK_SECRET: SUPABASE_SECRET,
  ZITADEL_SIGNING_KEY: ZITADEL_KEY,
  CLERK_WEBHOOK_SECRET: CLERK_SECRET,
  AUTHGEAR_WEBHOOK_SECRET: AUTHGEAR_SECRET,
};

/** The rate that Meta grants to large senders; its default of 80 a second would throttle load tests. */
export const FAST_SENDERS = [{ phone_number_id: ACCOUNT.phoneNumberId, messages_per_second: 1000 }];
