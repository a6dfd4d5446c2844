import type { NumberRules } from "../../src/phone-number/decisions/send.ts";
import type { HeldTo } from "../../src/phone-number/verification.ts";

/** What most tests of codes have no interest in: who asked, and a guard that lets everything pass. */
export const ASKER = { callerId: "admin", client: { ip: null, deviceId: null }, limits: {} };
export const HELD_TO: HeldTo = { limits: {}, network: null };
export const RULES: NumberRules = { owner: "enforce", identityChange: "off" };
export const OPEN_GUARD = {
  ask: async () => null,
  tell: async () => {},
  sent: async () => {},
  unsent: async () => {},
  priced: () => {},
  denied: async () => {},
};
