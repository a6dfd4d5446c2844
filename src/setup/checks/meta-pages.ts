/** Where to click at Meta. */

export const SYSTEM_USERS = "https://business.facebook.com/settings/system-users";
export const SECURITY_CENTER = "https://business.facebook.com/settings/security";
export const WHATSAPP_ACCOUNTS = "https://business.facebook.com/settings/whatsapp-business-accounts";
export const BILLING = "https://business.facebook.com/billing_hub/accounts";
export const SUPPORT_HOME = "https://business.facebook.com/business-support-home/";
export const PHONE_NUMBERS = "https://business.facebook.com/wa/manage/phone-numbers/";
export const MESSAGE_TEMPLATES = "https://business.facebook.com/wa/manage/message-templates/";
export const INSIGHTS = "https://business.facebook.com/wa/manage/home/";

/** The dashboard of an app; of all apps where it is not known which. */
export function appDashboard(appId: string | undefined): string {
  return appId === undefined
    ? "https://developers.facebook.com/apps/"
    : `https://developers.facebook.com/apps/${appId}/dashboard/`;
}
