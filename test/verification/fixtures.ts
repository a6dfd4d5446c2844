import { DEFAULT_NUMBER_LIMITS } from "../../src/phone-number/number-limits.ts";
import type { NumberRules } from "../../src/phone-number/policy.ts";
import type { Attribution } from "../../src/phone-number/verification.ts";

/** Defaults for tests that are about something else: the caller, and a guard that refuses nothing. */
export const ASKER = { callerId: "operator", client: { ip: null, deviceId: null }, limits: {} };
export const ATTRIBUTION: Attribution = { limits: {}, network: null, device: null };
export const RULES: NumberRules = {
  owner: "enforce",
  identityChange: "off",
  identityHoldMs: 0,
  limits: DEFAULT_NUMBER_LIMITS,
};
export const OPEN_GUARD = {
  evaluate: async () => null,
  report: () => {},
  onPriced: () => {},
  onDenied: async () => {},
};
export const OPEN_CHECK_GUARD = { evaluate: () => null, onInvalid: () => {} };
export const CHECK_CONTEXT = { checker: ASKER, key: null, background: () => {} };
