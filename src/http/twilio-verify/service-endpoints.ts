import * as z from "zod";
import { documented } from "../../platform/documented.ts";
import { defineEndpoint, type EndpointRequest, type Handlers } from "../endpoint.ts";
import type { TwilioContext } from "./context.ts";
import { twilioDialect } from "./dialect.ts";
import { metaOf, pageMeta, pageQuery } from "./page.ts";
import type { Service, Services } from "./services.ts";
import { accountSidOf, baseOf } from "./spelling.ts";

const none = documented(() => z.null());
const no = documented(() => z.literal(false));
const empty = documented(() => z.object({}));

const twilioService = documented(() =>
  z
    .object({
      sid: z.string(),
      account_sid: z.string(),
      friendly_name: z.string().meta({ description: "The purpose." }),
      code_length: z.int(),
      psd2_enabled: z.boolean().meta({ description: "Whether the purpose requires an amount and a payee." }),
      custom_code_enabled: z.literal(true),
      lookup_enabled: no,
      skip_sms_to_landlines: no,
      dtmf_input_required: no,
      do_not_share_warning_enabled: no,
      verify_event_subscription_enabled: no,
      tts_name: none,
      default_template_sid: none,
      push: empty,
      totp: empty,
      whatsapp: empty,
      passkeys: empty,
      date_created: none,
      date_updated: none,
      url: z.url(),
      links: empty,
    })
    .meta({ id: "TwilioService" }),
);

export function serviceDefinitions(services: Services) {
  return {
    listTwilioServices: defineEndpoint({
      operationId: "listTwilioServices",
      dialect: twilioDialect,
      method: "get",
      path: "/twilio/v2/Services",
      scope: "verifications",
      docs: documented(() => ({
        summary: "List the purposes as Twilio's services",
        description: "All of them, on one page.",
        responses: {
          200: {
            description: "Every purpose.",
            schema: z.object({ services: z.array(twilioService), meta: pageMeta }),
          },
        },
        problems: [],
      })),
      query: z.strictObject(pageQuery),
    }),

    fetchTwilioService: defineEndpoint({
      operationId: "fetchTwilioService",
      dialect: twilioDialect,
      method: "get",
      path: "/twilio/v2/Services/{ServiceSid}",
      scope: "verifications",
      docs: documented(() => ({
        summary: "Read a purpose as a Twilio service",
        description: "By the purpose's name, its derived SID or a SID of the settings.",
        responses: { 200: { description: "The purpose.", schema: twilioService } },
        problems: ["not_found"],
      })),
      params: { ServiceSid: (text: string) => services.find(text) },
    }),
  };
}

export function serviceHandlers(context: TwilioContext): Handlers<typeof serviceDefinitions> {
  const { services } = context;
  return {
    async listTwilioServices({ query: { PageSize }, ...request }) {
      const address = `${baseOf(request.request)}/Services`;
      const meta = metaOf("services", address, new URLSearchParams(), {
        size: PageSize,
        page: 0,
        next: null,
      });
      const body = { services: services.list().map((service) => toBody(service, request, context)), meta };
      return { status: 200, body, outcome: "listed" };
    },
    async fetchTwilioService({ params: { ServiceSid }, ...request }) {
      return { status: 200, body: toBody(ServiceSid, request, context), outcome: "found" };
    },
  };
}

function toBody(
  { sid, purpose, policy }: Service,
  { request, caller }: Pick<EndpointRequest<unknown, unknown, unknown>, "request" | "caller">,
  { accountSid }: TwilioContext,
): z.input<typeof twilioService> {
  return {
    sid,
    account_sid: accountSidOf(request, accountSid, caller),
    friendly_name: purpose,
    code_length: policy.codeLength,
    psd2_enabled: policy.bindRequired,
    custom_code_enabled: true,
    lookup_enabled: false,
    skip_sms_to_landlines: false,
    dtmf_input_required: false,
    do_not_share_warning_enabled: false,
    verify_event_subscription_enabled: false,
    tts_name: null,
    default_template_sid: null,
    push: {},
    totp: {},
    whatsapp: {},
    passkeys: {},
    date_created: null,
    date_updated: null,
    url: `${baseOf(request)}/Services/${encodeURIComponent(sid)}`,
    links: {},
  };
}
