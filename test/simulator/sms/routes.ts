import { Hono } from "hono";
import type { SmsDesk } from "./desk.ts";
import { httpRoutes } from "./http.ts";
import type { SmsOptions } from "./options.ts";
import { twilioRoutes } from "./twilio.ts";
import { vonageRoutes } from "./vonage.ts";

/** The three SMS gateways, each under the path that a deployment is given as its address. */
export function smsRoutes(desk: SmsDesk, { secret, callbackUrl }: SmsOptions): Hono {
  return new Hono()
    .route("/twilio", twilioRoutes(desk, secret))
    .route("/vonage", vonageRoutes(desk, secret))
    .route("/sms", httpRoutes(desk, secret, callbackUrl));
}
