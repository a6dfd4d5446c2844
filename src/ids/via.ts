/** The APIs that can start a verification. A verification, its events and its row of the journal name theirs. */
export const VIA_NAMES = [
  "v1",
  "twilio",
  "vonage",
  "camara",
  "supabase",
  "zitadel",
  "kratos",
  "logto",
  "fusionauth",
  "auth0",
  "cognito",
  "clerk",
  "authgear",
  "sign_in",
] as const;
export type Via = (typeof VIA_NAMES)[number];

/** What was stored before there were other APIs came by this one. */
export const DEFAULT_VIA: Via = "v1";
