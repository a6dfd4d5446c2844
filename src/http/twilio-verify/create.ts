import * as z from "zod";
import type { CodeText } from "../../codes/code.ts";
import type { ChannelName } from "../../messages/message.ts";
import type { Policy } from "../../phone-number/policy.ts";
import { described, documented } from "../../platform/documented.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { ignoredHeader } from "../ignored.ts";
import { withFaults } from "../parse-input.ts";
import { APP_TRAFFIC, ipAddress, limitsField, locale, metadata, phoneNumber } from "../v1/fields.ts";
import { SEND_PROBLEMS, sentOrThrow } from "../v1/verifications/replies.ts";
import { bindingFields, bindingOf } from "./amount.ts";
import { type TwilioContext, viewOf } from "./context.ts";
import { twilioDialect } from "./dialect.ts";
import { CHANNEL_MISSING } from "./errors.ts";
import type { Service, Services } from "./services.ts";
import { toTwilioVerification, twilioVerification } from "./verification.ts";

/** Parameters of Twilio that have no effect here. The answer's header `Sandi-Ignored` names those of the request. */
const IGNORED = [
  "CustomFriendlyName",
  "CustomMessage",
  "SendDigits",
  "AppHash",
  "TemplateSid",
  "TemplateCustomSubstitutions",
  "Templates",
  "ChannelConfiguration",
  "RiskCheck",
  "EnableSnaClientToken",
] as const;
/** Further ones, about the user's device; they are named in a header, so that their form matters. */
const IGNORED_RISK = /^Risk\.[A-Za-z]{1,32}$/;

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** A JSON object of texts, which forms carry as one text. */
function jsonOf<Schema extends z.ZodType<unknown, Record<string, string>>>(schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.issues.push({ code: "custom", input: text, message: "Give a JSON object." });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), scalar, "Give a JSON object of texts."))
    .pipe(schema);
}

const namedLimits = z
  .record(z.string(), z.string())
  .transform((limits) =>
    Object.fromEntries(Object.entries(limits).map(([name, key]) => [name.toLowerCase(), key])),
  )
  .pipe(limitsField);

const fields = {
  To: phoneNumber,
  Channel: z
    .string(CHANNEL_MISSING)
    .refine((text) => Object.hasOwn(CHANNELS, text), "The channels are whatsapp, sms and auto.")
    .meta(
      described({
        description:
          "`whatsapp`: WhatsApp, then what else the purpose's policy names; `sms`: SMS alone; `auto`: the policy's order.",
        examples: ["whatsapp"],
      }),
    ),
  Locale: locale.optional(),
  CustomCode: z
    .string()
    .regex(/^[A-Za-z0-9]{4,10}$/, "Give 4 to 10 letters and digits.")
    .transform((text) => text as CodeText)
    .optional()
    .meta(described({ description: "Your own code, sent as given.", examples: ["482913"] })),
  ...bindingFields,
  RateLimits: jsonOf(namedLimits)
    .optional()
    .meta(
      described({
        description: "A JSON object: keys for the deployment's named limits.",
        examples: ['{"account":"u_42"}'],
      }),
    ),
  Tags: jsonOf(metadata)
    .optional()
    .meta(
      described({
        description: "A JSON object: becomes the metadata of the verification.",
        examples: ['{"order_id":"A-77"}'],
      }),
    ),
  DeviceIp: ipAddress
    .optional()
    .meta(described({ description: "The address of the user.", examples: ["203.0.113.9"] })),
};
const ignoredFields = Object.fromEntries(
  IGNORED.map((name) => [
    name,
    z
      .string()
      .optional()
      .meta(described({ description: "Accepted, without an effect." })),
  ]),
);

const body = z
  .looseObject({ ...fields, ...ignoredFields })
  .superRefine(
    (form, { addIssue }) => {
      const keys = unknownIn(form);
      if (keys.length > 0) addIssue({ code: "unrecognized_keys", keys: [...keys] });
    },
    // Also where another parameter is invalid, so that one answer names every fault.
    { when: () => true },
  )
  .meta(described({ id: "TwilioCreateVerification" }));

function isIgnored(name: string): boolean {
  return Object.hasOwn(ignoredFields, name) || IGNORED_RISK.test(name);
}

function unknownIn(form: unknown): readonly string[] {
  return Object.keys(Object(form)).filter((name) => !Object.hasOwn(fields, name) && !isIgnored(name));
}

/** The channels that a request asks for, in their order; null leaves them to the policy. */
const CHANNELS: Readonly<Record<string, (policy: Policy) => readonly ChannelName[] | null>> = {
  whatsapp: ({ channels }) => ["whatsapp", ...channels.filter((name) => name !== "whatsapp")],
  sms: () => ["sms"],
  auto: () => null,
};

export function createDefinitions(services: Services) {
  return {
    createTwilioVerification: defineEndpoint({
      operationId: "createTwilioVerification",
      dialect: twilioDialect,
      method: "post",
      path: "/twilio/v2/Services/{ServiceSid}/Verifications",
      scope: "verifications",
      notAudited: APP_TRAFFIC,
      docs: documented(() => ({
        summary: "Start a verification as Twilio does",
        description:
          "Sends a code, or the pending one of the same number, service and binding again. `60223` answers a channel that is " +
          "not served, `60206` a missing amount or payee.",
        example: { To: "+6281234567890", Channel: "whatsapp" },
        responses: { 201: { description: "On its way.", schema: twilioVerification } },
        problems: ["not_found", ...SEND_PROBLEMS],
      })),
      params: { ServiceSid: (text: string) => services.find(text) },
      body,
    }),
  };
}

export function createHandlers(context: TwilioContext): Handlers<typeof createDefinitions> {
  const { verifications, keyring } = context;
  return {
    async createTwilioVerification({ params: { ServiceSid: service }, body, ...request }) {
      const { caller, background } = request;
      refuseShortCode(body.CustomCode, service);
      const response = await verifications.start(
        {
          to: body.To,
          app: caller.app,
          session: null,
          purpose: service.purpose,
          locale: body.Locale ?? null,
          channels: CHANNELS[body.Channel]?.(service.policy) ?? null,
          code: body.CustomCode ?? null,
          codeLength: null,
          fallbackAfterSeconds: null,
          codeCheckedBy: "sandi",
          via: "twilio",
          whilePending: "resend",
          bind: bindingOf(body, service),
          metadata: body.Tags ?? null,
          asker: {
            callerId: caller.id,
            client: { ip: body.DeviceIp ?? null, deviceId: null },
            limits: body.RateLimits ?? {},
          },
        },
        null,
        background,
      );
      const { created, verification } = sentOrThrow(response, "/Channel");
      const view = viewOf(request, service, context, body.Amount);
      return {
        status: 201,
        body: toTwilioVerification(verification, "pending", view, keyring),
        headers: ignoredHeader(Object.keys(body).filter(isIgnored)),
        outcome: created ? "started" : "resent",
        to: verification.to,
      };
    },
  };
}

/** A policy's length is also the least for codes that callers bring (NIST SP 800-63B-4 section 3.1.3.2). */
function refuseShortCode(code: CodeText | undefined, { policy }: Service): void {
  if (code === undefined || code.length >= policy.codeLength) return;
  const detail = `It is shorter than the code_length of this purpose, ${policy.codeLength}.`;
  throw withFaults("invalid_request", [{ pointer: "/CustomCode", detail }]);
}
