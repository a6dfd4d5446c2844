import type { NumberRules } from "../../src/phone-number/decisions/send.ts";
import type { Attribution } from "../../src/phone-number/verification.ts";

/** What most tests of codes have no interest in: who asked, and a guard that lets everything pass. */
export const ASKER = { callerId: "admin", client: { ip: null, deviceId: null }, limits: {} };
export const ATTRIBUTION: Attribution = { limits: {}, network: null };
export const RULES: NumberRules = { owner: "enforce", identityChange: "off" };
export const OPEN_GUARD = {
  evaluate: async () => null,
  report: () => {},
  onPriced: () => {},
  onDenied: async () => {},
};
