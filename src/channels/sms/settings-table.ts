import * as z from "zod";
import { readJson } from "../../platform/json.ts";

const address = (error: string) =>
  z.url({ protocol: /^https?$/, error }).transform((url) => url.replace(/\/+$/, ""));

const sender = z
  .string("is missing: give the number or the name that SMS come from")
  .regex(
    /^(\+?[1-9]\d{2,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
    "is neither a number nor a name of at most 11 letters and digits",
  );

const common = {
  /** Short, so that every text without a payment in it fits one SMS. */
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
  url: z.url({ protocol: /^https?$/, error: "is missing or not a URL" }),
});

/**
 * The table `SMS` of wrangler.toml, which says which gateway carries SMS. In `.dev.vars` and after `--var`,
 * which know texts only, the same as JSON.
 */
export const smsTable = z.preprocess(
  (value) => (typeof value === "string" ? readJson(value) : value),
  z.discriminatedUnion("gateway", [none, twilio, vonage, http], {
    error: "is not one of none, twilio, vonage and http",
  }),
);

/** A table that names a gateway. */
export type SmsTable = Exclude<z.output<typeof smsTable>, { gateway: "none" }>;
