import * as z from "zod";
import type { HttpGatewaySettings } from "./http.ts";
import { type SmsTable, smsTable } from "./settings-table.ts";
import type { TextSettings } from "./text.ts";
import type { TwilioSettings } from "./twilio.ts";
import type { VonageSettings } from "./vonage.ts";

/** The gateway that is configured, and what it needs. */
export type GatewaySettings =
  | ({ readonly gateway: "twilio" } & TwilioSettings)
  | ({ readonly gateway: "vonage" } & VonageSettings)
  | ({ readonly gateway: "http" } & HttpGatewaySettings);

export interface SmsSettings extends TextSettings {
  readonly gateway: GatewaySettings;
}

/** Where this Worker listens for status callbacks, below its public address. */
export const SMS_CALLBACK_PATH = "/webhooks/sms";

/** Standard Webhooks asks for 24 to 64 bytes. */
const WEBHOOK_SECRET = /^whsec_(?=[^=]{32,86}=*$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Where each gateway's secret comes from. */
const SECRETS: Readonly<Record<SmsTable["gateway"], string>> = {
  twilio: "it is the Twilio account's auth token",
  vonage: "it is the Vonage account's API secret",
  http: 'make one with `echo "whsec_$(openssl rand -base64 32)"` and give it to the gateway as well',
};

interface Secrets {
  /** Twilio's auth token, Vonage's API secret, or what is shared with a gateway of one's own. */
  readonly SMS_SECRET?: string | undefined;
  /** Signs Vonage's delivery receipts; the others use the same secret for both directions. */
  readonly SMS_SIGNATURE_SECRET?: string | undefined;
}

/**
 * What the environment says about SMS: the table `SMS` and the secrets that go with its gateway. Stands
 * beside the rest of the environment with `.and(smsSettings)`; the result's `sms` is null without a gateway.
 */
export const smsSettings = z
  .object({
    SMS: smsTable.default({ gateway: "none" }),
    SMS_SECRET: z.string().optional(),
    SMS_SIGNATURE_SECRET: z.string().optional(),
  })
  .superRefine(({ SMS, ...secrets }, context) => {
    if (SMS.gateway === "none") return;
    const fault = faultOf(SMS, secrets);
    if (fault !== null) context.addIssue({ code: "custom", path: [fault.name], message: fault.message });
  })
  .transform(({ SMS, ...secrets }): { readonly sms: SmsSettings | null } => {
    if (SMS.gateway === "none") return { sms: null };
    const { brand, webotp_host: webOtpHost = null } = SMS;
    return { sms: { brand, webOtpHost, gateway: gatewayOf(SMS, secrets) } };
  });

function faultOf(table: SmsTable, secrets: Secrets): { name: keyof Secrets; message: string } | null {
  const { SMS_SECRET: secret = "", SMS_SIGNATURE_SECRET: signatureSecret = "" } = secrets;
  if (secret === "") return { name: "SMS_SECRET", message: `is missing: ${SECRETS[table.gateway]}` };
  if (table.gateway === "http" && !WEBHOOK_SECRET.test(secret)) {
    return { name: "SMS_SECRET", message: "is not whsec_ and the base64 of 24 to 64 bytes" };
  }
  if (table.gateway === "vonage" && table.callback_url !== undefined && signatureSecret === "") {
    const message = "is missing: Vonage signs receipts with it; without SMS.callback_url none are asked for";
    return { name: "SMS_SIGNATURE_SECRET", message };
  }
  return null;
}

function gatewayOf(table: SmsTable, secrets: Secrets): GatewaySettings {
  const { SMS_SECRET: secret = "", SMS_SIGNATURE_SECRET: signatureSecret = "" } = secrets;
  const callbackUrl = table.callback_url === undefined ? null : table.callback_url + SMS_CALLBACK_PATH;
  switch (table.gateway) {
    case "twilio": {
      const { gateway, base_url: baseUrl, account_sid: accountSid, sender } = table;
      return { gateway, baseUrl, accountSid, sender, authToken: secret, callbackUrl };
    }
    case "vonage": {
      const { gateway, base_url: baseUrl, api_key: apiKey } = table;
      const callback = callbackUrl === null ? null : { url: callbackUrl, signatureSecret };
      return { gateway, baseUrl, apiKey, apiSecret: secret, from: table.from.replace(/^\+/, ""), callback };
    }
    case "http":
      return { gateway: table.gateway, url: table.url, secret };
  }
}
