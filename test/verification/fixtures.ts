import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import { DEFAULT_NUMBER_LIMITS } from "../../src/phone-number/number-limits.ts";
import type { NumberRules } from "../../src/phone-number/policy.ts";
import type { Attribution } from "../../src/phone-number/verification.ts";
import type { StartRequest } from "../../src/verification/requests.ts";

/** Defaults for tests that are about something else: the caller, and a guard that refuses nothing. */
export const ASKER = { callerId: "operator", client: { ip: null, deviceId: null }, limits: {} };
/** A start of `/v1` for the purpose `login` that names its number alone. */
export const START_REQUEST: Omit<StartRequest, "to"> = {
  app: DEFAULT_APP,
  session: null,
  purpose: "login",
  locale: null,
  channels: null,
  code: null,
  codeLength: null,
  fallbackAfterSeconds: null,
  codeCheckedBy: "sandi",
  bind: null,
  metadata: null,
  via: "v1",
  whilePending: "resend",
  asker: ASKER,
};
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
