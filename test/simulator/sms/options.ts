/** The options of the simulated SMS gateways. */
export interface SmsOptions {
  /** The URL of the SMS webhook, for the gateway whose requests do not name it. */
  callbackUrl: string;
  /**
   * Twilio's auth token, Vonage's API secret, or the generic gateway's shared secret; as `whsec_` and base64
   * it can be any of them.
   */
  secret: string;
  /** Signs Vonage's delivery receipts; the other secret when left out. */
  signatureSecret?: string;
}

/** `whsec_` and the base64 of "local-development-only-sms-secret-01", used by default. */
export const DEFAULT_SMS_SECRET = "whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1zbXMtc2VjcmV0LTAx";

/** The bytes of a Standard Webhooks secret; another secret is taken as text. */
export function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (text === undefined) return Uint8Array.from(new TextEncoder().encode(secret));
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
