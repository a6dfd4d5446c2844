import * as z from "zod";
import { toUuid } from "../../ids/verification-id.ts";
import type { Caller } from "../../keys/caller.ts";
import type { ChannelName } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import { FALLBACK_AFTER_SECONDS, type Policy } from "../../phone-number/policy.ts";
import { Problem } from "../../platform/problem.ts";
import type { Verifications } from "../../verification/verifications.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";
import { unboundPolicy } from "../unbound-policy.ts";
import { APP_TRAFFIC, givenCode, locale, phoneNumber } from "../v1/fields.ts";
import { GUARD_PROBLEMS, sentOrThrow } from "../v1/verifications/replies.ts";
import { vonageDialect } from "./dialect.ts";
import { errorBody, VonageProblem } from "./errors.ts";

type Step = z.output<ReturnType<typeof stepSchema>>;

/** What a workflow comes to here. */
interface Workflow {
  readonly to: E164;
  /** In order, each once. */
  readonly channels: readonly ChannelName[];
  /** The parameters that have no effect, steps included. */
  readonly ignored: readonly string[];
}

/** Made for the first request, as every schema here: most deployments do not serve this API. */
function stepSchema() {
  // Vonage's numbers have no plus sign.
  const to = z
    .string("Give the number as a string, such as 6281234567890.")
    .overwrite((text) => (/^\d/.test(text) ? `+${text}` : text))
    .pipe(phoneNumber)
    .meta({
      description: "A phone number with its country code, with or without plus sign.",
      examples: ["6281234567890"],
    });

  return z.discriminatedUnion(
    "channel",
    [
      z.strictObject({ channel: z.literal("whatsapp"), to, from: ignored() }),
      z.strictObject({
        channel: z.literal("sms"),
        to,
        from: ignored(),
        app_hash: ignored(),
        entity_id: ignored(),
        content_id: ignored(),
      }),
      z
        .looseObject({ channel: z.enum(["whatsapp_interactive", "voice", "rcs", "email", "silent_auth"]) })
        .meta({ description: "A step of another channel is passed over." }),
    ],
    "The channels are whatsapp and sms; whatsapp_interactive, voice, rcs, email and silent_auth are passed over.",
  );
}

const ignored = () => z.string().max(256).optional().meta({ description: "Ignored." });

function workflowSchema() {
  return z
    .array(stepSchema())
    .min(1)
    .max(5)
    .transform((steps, context): Workflow => {
      const served = steps.filter(isServed);
      const numbers = new Set(served.map((each) => each.to));
      const [number] = numbers;
      if (number !== undefined && numbers.size === 1) {
        const channels = new Set(served.map(({ channel }) => channel));
        return { to: number, channels: [...channels], ignored: steps.flatMap(ignoredOfStep) };
      }
      const message =
        served.length === 0 ? "No step has the channel whatsapp or sms." : "Steps name different numbers.";
      context.issues.push({ code: "custom", input: steps, message });
      return z.NEVER;
    });
}

function isServed(candidate: Step): candidate is Extract<Step, { readonly to: E164 }> {
  return candidate.channel === "whatsapp" || candidate.channel === "sms";
}

/** The names of a step's parameters that have no effect; a step of a channel that came before has none. */
function ignoredOfStep(candidate: Step, index: number, steps: readonly Step[]): string[] {
  const name = `workflow[${index}]`;
  const isRepeated = steps.findIndex(({ channel }) => channel === candidate.channel) < index;
  if (isRepeated || !isServed(candidate)) return [name];
  const { channel: _, to: __, ...unused } = candidate;
  return Object.keys(unused).map((field) => `${name}.${field}`);
}

function startBody() {
  return z
    .strictObject({
      brand: z
        .string()
        .min(1)
        .max(16)
        .meta({ description: "Ignored: the messages name the deployment's brand." }),
      workflow: workflowSchema(),
      // Vonage's tags are in lower case.
      locale: locale.transform((tag) => new Intl.Locale(tag).toString()).optional(),
      channel_timeout: z
        .int()
        .min(15)
        .max(900)
        .optional()
        .meta({ description: `Seconds until the next step; at most ${FALLBACK_AFTER_SECONDS.most} count.` }),
      client_ref: z
        .string()
        .min(1)
        .max(16)
        .optional()
        .meta({ description: "Kept as `metadata.client_ref`." }),
      code: z
        .string()
        .regex(/^[A-Za-z0-9]{4,10}$/, "Give 4 to 10 letters and digits.")
        .pipe(givenCode)
        .optional(),
      code_length: z
        .int()
        .min(4)
        .max(10)
        .optional()
        .meta({ description: "Of a drawn code; not shorter than the policy's." }),
      template_id: ignored(),
      fraud_check: z.boolean().optional().meta({ description: "Ignored." }),
    })
    .meta({ id: "VonageStart" });
}
type StartBody = z.output<ReturnType<typeof startBody>>;

export const startDefinitions = () => ({
  startVonageRequest: defineEndpoint({
    operationId: "startVonageRequest",
    dialect: vonageDialect,
    method: "post",
    path: "/vonage/v2/verify",
    scope: "verifications",
    notAudited: APP_TRAFFIC,
    summary: "Start a request",
    description:
      "Sends a one-time code over the workflow's WhatsApp and SMS steps, in their order. `Sandi-Ignored` names the " +
      "parameters that have no effect. While a verification is pending for the number and purpose: 409 with its id.",
    body: startBody(),
    example: {
      brand: "ACME",
      workflow: [{ channel: "whatsapp", to: "6281234567890", from: "6280987654321" }],
    },
    responses: {
      202: {
        description: "Started; the code is on its way.",
        schema: z.object({ request_id: z.string() }).meta({ id: "VonageStarted" }),
      },
      409: {
        description: "`conflict`: one is pending; `request_id` names it.",
        schema: errorBody,
      },
    },
    problems: [
      "invalid_phone_number",
      "resend_too_soon",
      "send_limit_reached",
      "number_locked",
      "channel_failed",
      "channel_unavailable",
      ...GUARD_PROBLEMS,
    ],
  }),
});

export function startHandlers(
  verifications: Verifications,
  policies: ReadonlyMap<string, Policy>,
  purposeOf: (caller: Caller) => string,
): Handlers<typeof startDefinitions> {
  return {
    async startVonageRequest({ body, caller, background }) {
      const purpose = purposeOf(caller);
      const policy = unboundPolicy(policies, purpose);
      refuseShortCode(body, purpose, policy);
      const request = {
        to: body.workflow.to,
        app: caller.app,
        session: null,
        purpose,
        locale: body.locale ?? null,
        channels: body.workflow.channels,
        code: body.code ?? null,
        codeLength: body.code_length ?? null,
        fallbackAfterSeconds: clampTimeout(body.channel_timeout),
        codeCheckedBy: "sandi",
        via: "vonage",
        whilePending: "refuse",
        bind: null,
        metadata: body.client_ref === undefined ? null : { client_ref: body.client_ref },
        asker: { callerId: caller.id, client: { ip: null, deviceId: null }, limits: {} },
      } as const;
      const response = await verifications.start(request, null, background);
      if (response.kind === "already_pending") {
        throw new VonageProblem("already_pending", response.verification.id);
      }
      const { verification } = sentOrThrow(response, "/workflow");
      return {
        status: 202,
        body: { request_id: toUuid(verification.id) },
        headers: { "sandi-ignored": ignoredOf(body, policy).join(", ") },
        outcome: "started",
        to: verification.to,
      };
    },
  };
}

/** A policy's length is also the least for codes that callers bring. */
function refuseShortCode({ code }: StartBody, purpose: string, { codeLength }: Policy): void {
  if (code !== undefined && code.length < codeLength) {
    const detail = `The purpose ${purpose} needs codes of at least ${codeLength} characters.`;
    throw new Problem("invalid_request", { errors: [{ pointer: "/code", detail }] });
  }
}

function clampTimeout(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.min(seconds, FALLBACK_AFTER_SECONDS.most);
}

/** The names of the parameters that were accepted and have no effect. */
function ignoredOf(body: StartBody, { codeLength }: Policy): string[] {
  const { code, code_length: asked = codeLength } = body;
  const isFixed = body.code_length !== undefined && (code !== undefined || asked < codeLength);
  return [
    "brand",
    ...(["template_id", "fraud_check"] as const).filter((name) => body[name] !== undefined),
    ...(isFixed ? ["code_length"] : []),
    ...body.workflow.ignored,
  ];
}
