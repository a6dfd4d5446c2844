import { describe, expect, it } from "vitest";
import * as z from "zod";
import { smsSettings } from "../../../src/channels/sms/settings.ts";

const account_sid = `AC${"0123456789abcdef".repeat(2)}`;
const twilio = { gateway: "twilio", brand: "Example", account_sid, from: "+12065550100" };
const vonage = { gateway: "vonage", brand: "Example", api_key: "abcd1234", from: "+12065550100" };
const http = { gateway: "http", brand: "Example", url: "https://gateway.test/send?x=1" };
const whsec = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/** Parsed as the Worker does, combined with other settings. */
const environment = z.object({ ADMIN_KEY: z.string() }).and(smsSettings);
const read = (SMS: unknown, secrets: object = { SMS_SECRET: whsec }) =>
  environment.parse({ ADMIN_KEY: "k", SMS, ...secrets }).sms;
const faults = (SMS: unknown, secrets: object = { SMS_SECRET: whsec }) => {
  const result = environment.safeParse({ ADMIN_KEY: "k", SMS, ...secrets });
  return result.error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join(". ");
};

describe("SMS settings without a gateway", () => {
  it.each([undefined, { gateway: "none" }, '{"gateway":"none"}'])("result from %j", (table) => {
    expect(read(table, {})).toBeNull();
  });
});

describe("SMS settings for Twilio", () => {
  it("need a sender and have defaults for the rest", () => {
    expect(read(twilio)).toEqual({
      brand: "Example",
      webOtpHost: null,
      gateway: {
        gateway: "twilio",
        baseUrl: "https://api.twilio.com",
        accountSid: account_sid,
        authToken: whsec,
        sender: { From: "+12065550100" },
        callbackUrl: null,
      },
    });
  });

  it("accept all fields, as a table or as JSON", () => {
    const messaging_service_sid = `MG${"0".repeat(32)}`;
    const { from: _, ...table } = twilio;
    const all = {
      ...table,
      messaging_service_sid,
      base_url: "http://127.0.0.1:8788/twilio/",
      webotp_host: "login.example.com",
      callback_url: "https://verify.example.com/",
    };
    expect(read(JSON.stringify(all))).toEqual(read(all));
    expect(read(all)).toMatchObject({
      webOtpHost: "login.example.com",
      gateway: {
        baseUrl: "http://127.0.0.1:8788/twilio",
        callbackUrl: "https://verify.example.com/webhooks/sms",
        sender: { MessagingServiceSid: messaging_service_sid },
      },
    });
  });
});

describe("SMS settings for Vonage", () => {
  it("accept a number without its plus, and request no receipts without a callback URL", () => {
    expect(read(vonage)?.gateway).toEqual({
      gateway: "vonage",
      baseUrl: "https://rest.nexmo.com",
      apiKey: "abcd1234",
      apiSecret: whsec,
      from: "12065550100",
      callback: null,
    });
  });

  it("accept a second secret for the receipts", () => {
    const table = { ...vonage, callback_url: "https://verify.example.com" };
    expect(read(table, { SMS_SECRET: "s", SMS_SIGNATURE_SECRET: "t" })?.gateway).toMatchObject({
      callback: { url: "https://verify.example.com/webhooks/sms", signatureSecret: "t" },
    });
  });
});

describe("SMS settings for an HTTP gateway", () => {
  it("accept the URL and the shared secret", () => {
    expect(read(http)?.gateway).toEqual({ gateway: "http", url: http.url, secret: whsec });
  });
});

describe("invalid SMS settings are reported by name:", () => {
  const without = (table: object, name: string) => ({ ...table, [name]: undefined });

  it.each([
    ["SMS.gateway is not one of", { ...twilio, gateway: "smpp" }],
    ["SMS.gateway is not one of", {}],
    ["SMS is not one of", "none"],
    ["SMS.brand is missing", without(twilio, "brand")],
    ["SMS.brand is empty", { ...twilio, brand: "" }],
    ["SMS.brand is empty or has more", { ...twilio, brand: "x".repeat(31) }],
    ["SMS.brand is empty or has more", { ...twilio, brand: "a\nb" }],
    ["SMS.webotp_host is not a host name", { ...http, webotp_host: "https://example.com" }],
    ["SMS.webotp_host is not a host name", { ...http, webotp_host: "localhost" }],
    ["SMS.callback_url is not this Worker's", { ...twilio, callback_url: "verify.example.com" }],
    ["SMS.account_sid is missing", without(twilio, "account_sid")],
    ["SMS.account_sid is not an account SID", { ...twilio, account_sid: "SK00" }],
    ["SMS.from is missing: give it or messaging_service_sid", without(twilio, "from")],
    ["not both", { ...twilio, messaging_service_sid: `MG${"0".repeat(32)}` }],
    ["SMS.from is neither", { ...twilio, from: "A name that is too long" }],
    ["SMS.messaging_service_sid is not", { ...twilio, messaging_service_sid: "MG1" }],
    ["SMS.base_url is not a URL", { ...twilio, base_url: "api.twilio.com" }],
    ["SMS.from is missing", without(vonage, "from")],
    ["SMS.api_key is missing", without(vonage, "api_key")],
    ["SMS.url is missing", without(http, "url")],
    ["SMS.url is missing or not a URL", { ...http, url: "ftp://gateway.test" }],
    ["SMS.url would send secrets or codes unencrypted", { ...http, url: "http://gateway.test/send" }],
    ["SMS.base_url would send secrets or codes", { ...twilio, base_url: "http://api.twilio.com" }],
    ["SMS.base_url would send secrets or codes", { ...vonage, base_url: "http://rest.nexmo.com" }],
    ["SMS.callback_url would send secrets or", { ...twilio, callback_url: "http://verify.example.com" }],
    ['SMS Unrecognized key: "colour"', { ...http, colour: "blue" }],
  ])("%s", (sentence, table) => {
    expect(faults(table)).toContain(sentence);
  });

  it.each([
    ["SMS_SECRET is missing: it is the Twilio account's auth token", twilio, {}],
    ["SMS_SECRET is missing: it is the Vonage account's API secret", vonage, { SMS_SECRET: "" }],
    ["SMS_SECRET is missing: make one with", http, {}],
    ["SMS_SECRET is not whsec_", http, { SMS_SECRET: "hunter2" }],
    ["SMS_SECRET is not whsec_", http, { SMS_SECRET: "whsec_MDEy" }],
    ["SMS_SECRET is not whsec_", http, { SMS_SECRET: `${whsec}=` }],
    [
      "SMS_SIGNATURE_SECRET is missing: Vonage signs",
      { ...vonage, callback_url: "https://verify.example.com" },
      { SMS_SECRET: "s" },
    ],
  ])("%s", (sentence, table, secrets) => {
    expect(faults(table, secrets)).toContain(sentence);
    expect(faults(table, secrets)).not.toContain("hunter2");
  });
});
