import type { CompatibleApi } from "./compatible-api.ts";
import { twilioVerify } from "./twilio-verify/index.ts";

/** Every compatible API, in the order of the documentation. */
export const COMPATIBLE_APIS: readonly CompatibleApi[] = [twilioVerify];
