/** Cloudflare's check that a visitor is a person (developers.cloudflare.com/turnstile). */
export interface TurnstileSettings {
  /** Public: the page names its widget by it. */
  readonly siteKey: string;
  readonly secretKey: string;
  /** What takes Cloudflare's place in development; null for Cloudflare. */
  readonly simulatorUrl: string | null;
}

/** Keys as Cloudflare shows them, such as `0x4AAAAAAADnPIDROrmt1Wwj`. */
export const TURNSTILE_KEY = /^\dx[\w-]{20,100}$/;

/** Keys that Cloudflare publishes for tests: with `1x…` every visitor passes, with `2x…` none. */
const TEST_KEY = /^[123]x0{15,}/;

/** The setting that only a simulator may be used with, in a sentence; null where none is. */
export function developmentSetting(turnstile: TurnstileSettings | null): string | null {
  if (turnstile === null) return null;
  const { siteKey, secretKey, simulatorUrl } = turnstile;
  if (TEST_KEY.test(siteKey)) return "SIGN_IN.turnstile_site_key is a test key, which checks no visitor";
  if (TEST_KEY.test(secretKey)) return "TURNSTILE_SECRET_KEY is a test key, which checks no visitor";
  return simulatorUrl === null ? null : "TURNSTILE_BASE_URL is the address of a simulator";
}
