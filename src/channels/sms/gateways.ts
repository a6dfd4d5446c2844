import type { SmsGateway } from "./gateway.ts";
import { httpGateway } from "./http.ts";
import type { GatewaySettings } from "./settings.ts";
import { twilioGateway } from "./twilio.ts";
import { vonageGateway } from "./vonage.ts";

/** The gateway that the deployment is configured for. */
export function smsGateway(settings: GatewaySettings): SmsGateway {
  switch (settings.gateway) {
    case "twilio":
      return twilioGateway(settings);
    case "vonage":
      return vonageGateway(settings);
    case "http":
      return httpGateway(settings);
  }
}
