import * as z from "zod";
import type { ChannelName } from "../../messages/message.ts";
import type { E164 } from "../../numbering/e164.ts";
import { FALLBACK_AFTER_SECONDS, type Policy } from "../../phone-number/policy.ts";
import { described } from "../../platform/documented.ts";
import { givenCode, locale, phoneNumber } from "../v1/fields.ts";

type Step = z.output<ReturnType<typeof stepSchema>>;

/** What a workflow comes to here. */
interface Workflow {
  readonly to: E164;
  /** In order, each once. */
  readonly channels: readonly ChannelName[];
  /** The parameters that have no effect, steps included. */
  readonly ignored: readonly string[];
}

function stepSchema() {
  // Vonage's numbers have no plus sign.
  const to = z
    .string("Give the number as a string, such as 6281234567890.")
    .overwrite((text) => (/^\d/.test(text) ? `+${text}` : text))
    .pipe(phoneNumber)
    .meta(
      described({
        description: "A phone number with its country code, with or without plus sign.",
        examples: ["6281234567890"],
      }),
    );

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
        .meta(described({ description: "A step of another channel is passed over." })),
    ],
    "The channels are whatsapp and sms; whatsapp_interactive, voice, rcs, email and silent_auth are passed over.",
  );
}

const ignored = () =>
  z
    .string()
    .max(256)
    .optional()
    .meta(described({ description: "Ignored." }));

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

/** The body of a start. Made for the first request: most deployments do not serve this API. */
export function startBody() {
  return z
    .strictObject({
      brand: z
        .string()
        .min(1)
        .max(16)
        .meta(described({ description: "Ignored: the messages name the deployment's brand." })),
      workflow: workflowSchema(),
      // Vonage's tags are in lower case.
      locale: locale.transform((tag) => new Intl.Locale(tag).toString()).optional(),
      channel_timeout: z
        .int()
        .min(15)
        .max(900)
        .optional()
        .meta(
          described({
            description: `Seconds until the next step; at most ${FALLBACK_AFTER_SECONDS.most} count.`,
          }),
        ),
      client_ref: z
        .string()
        .min(1)
        .max(16)
        .optional()
        .meta(described({ description: "Kept as `metadata.client_ref`." })),
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
        .meta(described({ description: "Of a drawn code; not shorter than the policy's." })),
      template_id: ignored(),
      fraud_check: z
        .boolean()
        .optional()
        .meta(described({ description: "Ignored." })),
    })
    .meta(described({ id: "VonageStart" }));
}
export type StartBody = z.output<ReturnType<typeof startBody>>;

/** The names of the parameters that were accepted and have no effect. */
export function ignoredOf(body: StartBody, { codeLength }: Policy): string[] {
  const { code, code_length: asked = codeLength } = body;
  const isFixed = body.code_length !== undefined && (code !== undefined || asked < codeLength);
  return [
    "brand",
    ...(["template_id", "fraud_check"] as const).filter((name) => body[name] !== undefined),
    ...(isFixed ? ["code_length"] : []),
    ...body.workflow.ignored,
  ];
}
