import type { GatewayName, SmsMessage } from "../messages.ts";
import { base64, hex, hmac } from "../webhooks/hmac.ts";
import type { ReportedStatus } from "../webhooks/payloads.ts";
import type { Webhook } from "../webhooks/sender.ts";
import { secretBytes } from "./options.ts";

/** The keys of the callbacks' signatures. */
export interface SmsReceiver {
  secret: string;
  signatureSecret: string;
}

/** The error of each gateway for a number without SMS. */
export const UNREACHABLE_CODES: Record<GatewayName, string> = {
  twilio: "30005",
  vonage: "3",
  http: "unreachable",
};

const TITLES: Record<string, string> = {
  "twilio 30003": "Unreachable destination handset",
  "twilio 30005": "Unknown destination handset",
  "twilio 30006": "Landline or unreachable carrier",
  "twilio 30007": "Message filtered",
  "vonage 3": "Absent Subscriber - Permanent",
  "vonage 6": "Anti-Spam Rejection",
  "http unreachable": "The phone cannot be reached",
};

export function smsErrorTitle(gateway: GatewayName, code: string): string {
  return TITLES[`${gateway} ${code}`] ?? "SMS not delivered";
}

/** The status callback of a message's gateway, with its signature; null when no callback was requested. */
export async function smsWebhook(
  receiver: SmsReceiver,
  message: SmsMessage,
  status: ReportedStatus,
  unixSeconds: number,
  errorCode: string,
): Promise<Webhook | null> {
  const { callback_url: url } = message;
  if (url === null) return null;
  const failure = status === "failed" ? errorCode : null;
  const webhook = await WEBHOOKS[message.gateway]({
    receiver,
    message,
    url,
    status,
    unixSeconds,
    failure,
  });
  return { url, isTaken: (answer) => answer >= 200 && answer < 300, ...webhook };
}

interface Report {
  receiver: SmsReceiver;
  message: SmsMessage;
  url: string;
  status: ReportedStatus;
  unixSeconds: number;
  /** The error code of a failure. */
  failure: string | null;
}

type Signed = Pick<Webhook, "headers" | "body">;

const WEBHOOKS: Record<GatewayName, (report: Report) => Promise<Signed>> = {
  twilio: twilioCallback,
  vonage: vonageReceipt,
  http: httpCallback,
};

/** A form, signed over the URL and the sorted parameters (https://www.twilio.com/docs/usage/security). */
async function twilioCallback({ receiver, message, url, status, failure }: Report): Promise<Signed> {
  const twilioStatus = status === "failed" ? "undelivered" : status;
  const form: Record<string, string> = {
    AccountSid: `AC${"0".repeat(32)}`,
    ApiVersion: "2010-04-01",
    From: message.from,
    To: message.to,
    MessageSid: message.id,
    SmsSid: message.id,
    MessageStatus: twilioStatus,
    SmsStatus: twilioStatus,
  };
  if (failure !== null) form.ErrorCode = failure;
  const sorted = Object.keys(form).sort();
  const signed = url + sorted.map((name) => `${name}${form[name]}`).join("");
  return {
    headers: {
      "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
      "User-Agent": "TwilioProxy/1.1",
      "X-Twilio-Signature": base64(await hmac("SHA-1", receiver.secret, signed)),
    },
    body: new URLSearchParams(form).toString(),
  };
}

/** JSON, signed over its sorted fields (https://developer.vonage.com/en/getting-started/concepts/signing-messages). */
async function vonageReceipt(report: Report): Promise<Signed> {
  const { receiver, message, status, unixSeconds, failure } = report;
  const time = new Date(unixSeconds * 1000).toISOString();
  const receipt: Record<string, string> = {
    msisdn: message.to.slice(1),
    to: message.from,
    "network-code": "51010",
    messageId: message.id,
    price: "0.03330000",
    status: status === "sent" ? "accepted" : status,
    "err-code": failure ?? "0",
    "api-key": "abcd1234",
    scts: time.replace(/\D/g, "").slice(2, 12),
    "message-timestamp": time.slice(0, 19).replace("T", " "),
    timestamp: String(unixSeconds),
    nonce: crypto.randomUUID(),
  };
  if (message.callback_data !== null) receipt["client-ref"] = message.callback_data;
  const signed = Object.keys(receipt)
    .sort()
    .map((name) => `&${name}=${receipt[name]?.replace(/[&=]/g, "_")}`)
    .join("");
  const sig = hex(await hmac("SHA-256", receiver.signatureSecret, signed));
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...receipt, sig }) };
}

/** JSON, signed by Standard Webhooks. */
async function httpCallback({ receiver, message, status, unixSeconds, failure }: Report): Promise<Signed> {
  const event = { ref: message.callback_data, id: message.id, status };
  const body = JSON.stringify(failure === null ? event : { ...event, error_code: failure });
  const id = `msg_${crypto.randomUUID()}`;
  const signature = await hmac("SHA-256", secretBytes(receiver.secret), `${id}.${unixSeconds}.${body}`);
  return {
    headers: {
      "Content-Type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(unixSeconds),
      "webhook-signature": `v1,${base64(signature)}`,
    },
    body,
  };
}
