import { camaraOtp } from "./camara-otp/index.ts";
import type { CompatibleApi } from "./compatible-api.ts";
import { SMS_HOOKS } from "./sms-hooks/index.ts";
import { twilioVerify } from "./twilio-verify/index.ts";
import { vonageVerify } from "./vonage-verify/index.ts";

/** Every compatible API, in the order of the documentation. */
export const COMPATIBLE_APIS: readonly CompatibleApi[] = [
  twilioVerify,
  vonageVerify,
  camaraOtp,
  ...SMS_HOOKS,
];
