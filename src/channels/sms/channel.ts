import type { Channel } from "../channel.ts";
import { sendWithRetry, toResult } from "../provider-call.ts";
import type { SmsGateway } from "./gateway.ts";
import { httpGateway } from "./http.ts";
import type { GatewaySettings } from "./settings.ts";
import { smsText, type TextSettings } from "./text.ts";
import { twilioGateway } from "./twilio.ts";
import { vonageGateway } from "./vonage.ts";

/** The SMS channel over the configured gateway. It uses no templates; the text is built here. */
export function smsChannel(gateway: SmsGateway, settings: TextSettings): Channel {
  return {
    name: "sms",
    async send(message) {
      const { to, callbackData } = message;
      const text = smsText(message, settings);
      return toResult(
        "sms",
        await sendWithRetry((signal) => gateway.send({ to, text, callbackData }, signal)),
      );
    },
  };
}

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
