import type { E164 } from "../phone/e164.ts";
import type { DeliveryUpdate } from "../verification/decisions/delivery.ts";
import type { MessageError } from "../verification/phone-state.ts";
import { ACTIONS, type ProviderError } from "./failure.ts";

/** A status update, and the number it is about where its message has to be found by that. */
export interface StatusUpdate {
  readonly update: DeliveryUpdate;
  readonly recipient: E164 | null;
}

/** A provider's error as a message keeps it. */
export function messageError({ code, title, class: errorClass }: ProviderError): MessageError {
  return { code, title, action: ACTIONS[errorClass] };
}
