/** What the simulator needs to play the SMS gateways. */
export interface SmsOptions {
  /** Where our own SMS webhook listens, for the gateway that is not told with each send. */
  callbackUrl: string;
  /**
   * Twilio's auth token, Vonage's API secret, or the generic gateway's shared secret; as `whsec_` and base64
   * it can be any of them.
   */
  secret: string;
  /** Signs Vonage's delivery receipts; the other secret when left out. */
  signatureSecret?: string;
}

/** `whsec_` and the base64 of "local-development-only-sms-secret-01", for those who name none. */
export const DEFAULT_SMS_SECRET = "whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1zbXMtc2VjcmV0LTAx";

/** A Standard Webhooks secret's bytes; one of another form stands for itself. */
export function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (text === undefined) return Uint8Array.from(new TextEncoder().encode(secret));
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
