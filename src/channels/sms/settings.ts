import * as z from "zod";
import { readJson } from "../../platform/json.ts";
import { secureUrl } from "../../platform/secure-url.ts";
import type { HttpGatewaySettings } from "./http.ts";
import type { TextSettings } from "./text.ts";
import type { TwilioSettings } from "./twilio.ts";
import type { VonageSettings } from "./vonage.ts";

const address = (error: string) => secureUrl(error).transform((url) => url.replace(/\/+$/, ""));

const sender = z
  .string("is missing: give the number or the name that SMS come from")
  .regex(
    /^(\+?[1-9]\d{2,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
    "is neither a number nor a name of at most 11 letters and digits",
  );

const common = {
  /** Short, so that every text without a payment fits one SMS. */
  brand: z
    .string("is missing: give the name that users know you by")
    .regex(/^[^\p{C}]{1,30}$/u, "is empty or has more than 30 characters"),
  webotp_host: z
    .string()
    .regex(
      /^(?=.{4,48}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
      "is not a host name such as example.com",
    )
    .optional(),
  callback_url: address("is not this Worker's public address such as https://verify.example.com").optional(),
};

const none = z.object({ gateway: z.literal("none") });

const twilio = z
  .strictObject({
    gateway: z.literal("twilio"),
    ...common,
    base_url: address("is not a URL").default("https://api.twilio.com"),
    account_sid: z
      .string("is missing")
      .regex(/^AC[0-9a-f]{32}$/i, "is not an account SID as Twilio writes it: AC and 32 hex digits"),
    from: sender.optional(),
    messaging_service_sid: z
      .string()
      .regex(/^MG[0-9a-f]{32}$/i, "is not a messaging service's SID: MG and 32 hex digits")
      .optional(),
  })
  .refine((table) => (table.from === undefined) !== (table.messaging_service_sid === undefined), {
    error: "is missing: give it or messaging_service_sid, and not both",
    path: ["from"],
  })
  .transform(({ from, messaging_service_sid: service, ...table }) => ({
    ...table,
    sender: from === undefined ? { MessagingServiceSid: service ?? "" } : { From: from },
  }));

const vonage = z.strictObject({
  gateway: z.literal("vonage"),
  ...common,
  from: sender,
  base_url: address("is not a URL").default("https://rest.nexmo.com"),
  api_key: z.string("is missing").regex(/^[0-9a-zA-Z]{4,32}$/, "is not an API key"),
});

const http = z.strictObject({
  gateway: z.literal("http"),
  ...common,
  url: secureUrl("is missing or not a URL"),
});

/**
 * The table `SMS` of wrangler.toml, which selects the gateway. In `.dev.vars` and after `--var`, which hold
 * only strings, the same as JSON.
 */
export const smsTable = z.preprocess(
  (value) => (typeof value === "string" ? readJson(value) : value),
  z.discriminatedUnion("gateway", [none, twilio, vonage, http], {
    error: "is not one of none, twilio, vonage and http",
  }),
);

/** A table with a gateway other than `none`. */
export type SmsTable = Exclude<z.output<typeof smsTable>, { gateway: "none" }>;

/** The configured gateway and its settings. */
export type GatewaySettings =
  | ({ readonly gateway: "twilio" } & TwilioSettings)
  | ({ readonly gateway: "vonage" } & VonageSettings)
  | ({ readonly gateway: "http" } & HttpGatewaySettings);

export interface SmsSettings extends TextSettings {
  readonly gateway: GatewaySettings;
}

/** Path of the status callbacks, below the Worker's public address. */
export const SMS_CALLBACK_PATH = "/webhooks/sms";

/** Standard Webhooks requires 24 to 64 bytes. */
const WEBHOOK_SECRET = /^whsec_(?=[^=]{32,86}=*$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Where an operator finds each gateway's secret, for error messages. */
const SECRETS: Readonly<Record<SmsTable["gateway"], string>> = {
  twilio: "it is the Twilio account's auth token",
  vonage: "it is the Vonage account's API secret",
  http: 'make one with `echo "whsec_$(openssl rand -base64 32)"` and give it to the gateway as well',
};

interface Secrets {
  /** Twilio's auth token, Vonage's API secret, or the secret shared with an HTTP gateway. */
  readonly SMS_SECRET?: string | undefined;
  /** Signs Vonage's delivery receipts; the other gateways use `SMS_SECRET` for both directions. */
  readonly SMS_SIGNATURE_SECRET?: string | undefined;
}

/**
 * Parses the table `SMS` and its gateway's secrets from the environment; combined with the other settings by
 * `.and(smsSettings)`. The result's `sms` is null without a gateway.
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
