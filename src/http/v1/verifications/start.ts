import * as z from "zod";
import { CHANNEL_NAMES } from "../../../messages/message.ts";
import { METHODS } from "../../../phone-number/message-link.ts";
import { FALLBACK_AFTER_SECONDS, LONGEST_DRAWN_CODE, type Policy } from "../../../phone-number/policy.ts";
import { described, documented } from "../../../platform/documented.ts";
import type { MessageFirst } from "../../../verification/message-first/message-first.ts";
import type { StartRequest } from "../../../verification/requests.ts";
import type { Verifications } from "../../../verification/verifications.ts";
import { binding, verificationBody } from "../../../wire/verification.ts";
import { defineEndpoint, type Handlers } from "../../endpoint.ts";
import {
  APP_TRAFFIC,
  clientField,
  givenCode,
  limitsField,
  locale,
  metadata,
  phoneNumber,
  purpose,
  session,
  toClient,
} from "../fields.ts";
import { replyToLink } from "./link-reply.ts";
import { replyToSend, SEND_PROBLEMS } from "./replies.ts";

/** The deployment's policies say which purposes exist, and which of them need a binding. */
function startBody(policies: ReadonlyMap<string, Policy>) {
  return z
    .strictObject({
      to: phoneNumber.optional().meta(
        described({
          description:
            "A phone number with plus sign and country code. Spaces, hyphens, dots, round brackets and invisible marks are " +
            "dropped, and digits of every script read; answers spell it in E.164. Required, except with the method " +
            "`message` where the purpose's `message_first_learns_number` is true.",
          examples: ["+6281234567890"],
        }),
      ),
      purpose: purpose(policies),
      method: z
        .enum(METHODS)
        .default("code")
        .meta(
          described({
            description:
              "`code`: the user is sent a code and types it. `message`: the user sends a message from their phone, as " +
              "`message_first` in the answer says; where the purpose's policy allows it.",
            examples: ["code"],
          }),
        ),
      locale: locale.optional(),
      channels: z
        .array(z.enum(CHANNEL_NAMES))
        .min(1)
        .max(CHANNEL_NAMES.length)
        .refine((names) => new Set(names).size === names.length, "Name each channel once.")
        .optional()
        .meta(
          described({
            description:
              "In order of preference, each once, of the policy's channels; all of those otherwise.",
          }),
        ),
      code: givenCode.optional(),
      code_length: z
        .int()
        .min(4)
        .max(LONGEST_DRAWN_CODE)
        .optional()
        .meta(
          described({
            description: "The length of the code to draw, at least the purpose's own; that one otherwise.",
            examples: [8],
          }),
        ),
      fallback_after_seconds: z
        .int()
        .min(FALLBACK_AFTER_SECONDS.least)
        .max(FALLBACK_AFTER_SECONDS.most)
        .optional()
        .meta(
          described({
            description:
              "How long a message may stay undelivered before the next channel is used; the purpose's own time otherwise.",
            examples: [30],
          }),
        ),
      session: session.optional(),
      bind: binding.optional(),
      client: clientField.optional(),
      limits: limitsField.optional(),
      metadata: metadata.optional(),
    })
    .refine((body) => body.bind !== undefined || policies.get(body.purpose ?? "")?.bindRequired !== true, {
      path: ["bind"],
      message: "This purpose needs a binding: amount, currency and payee.",
      when: isObject,
    })
    .refine((body) => !isTooShort(body.code, policies.get(body.purpose ?? "")), {
      path: ["code"],
      message: "The code is shorter than the code_length of this purpose.",
      when: isObject,
    })
    .refine((body) => body.code_length === undefined || body.code === undefined, {
      path: ["code_length"],
      message: "It is the length of a code that is drawn; this request brings its own.",
      when: isObject,
    })
    .refine((body) => !isShorter(body.code_length, policies.get(body.purpose ?? "")), {
      path: ["code_length"],
      message: "It is shorter than the code_length of this purpose.",
      when: isObject,
    })
    .refine((body) => body.to !== undefined || mayLackNumber(body, policies), {
      path: ["to"],
      message: "Give the number as a string, such as +6281234567890.",
      when: isObject,
    })
    .superRefine((body, context) => {
      if (body.method !== "message") return;
      for (const field of FIELDS_OF_CODES) {
        if (body[field] === undefined) continue;
        const message = "It is for a code; with the method message the user sends a message.";
        context.addIssue({ code: "custom", path: [field], message });
      }
    })
    .meta(described({ id: "StartVerification" }));
}

/** What only a start by code can name. */
const FIELDS_OF_CODES = ["channels", "code", "code_length", "fallback_after_seconds"] as const;

/** A purpose that allows no message at all is refused as such, whether or not there is a number. */
function mayLackNumber(
  { method, purpose }: { readonly method?: unknown; readonly purpose?: unknown },
  policies: ReadonlyMap<string, Policy>,
): boolean {
  const policy = typeof purpose === "string" ? policies.get(purpose) : undefined;
  if (method !== "message" || policy === undefined) return false;
  return policy.messageFirst === "off" || policy.messageFirstLearnsNumber;
}

/** Also checked when another field is invalid, so that one answer names every fault. */
function isObject({ value }: { readonly value: unknown }): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A policy's length is also the least for codes that callers bring (NIST SP 800-63B-4 section 3.1.3.2). */
function isTooShort(code: unknown, policy: Policy | undefined): boolean {
  const given = givenCode.safeParse(code);
  return given.success && given.data.length < (policy?.codeLength ?? 0);
}

/** A request may ask for a longer code than the policy's; a shorter one is easier to guess. */
function isShorter(codeLength: unknown, policy: Policy | undefined): boolean {
  return typeof codeLength === "number" && codeLength < (policy?.codeLength ?? 0);
}

export function startDefinitions(policies: ReadonlyMap<string, Policy>) {
  return {
    startVerification: defineEndpoint({
      operationId: "startVerification",
      method: "post",
      path: "/v1/verifications",
      scope: "verifications",
      notAudited: APP_TRAFFIC,
      docs: documented(() => ({
        summary: "Start a verification",
        description:
          "Sends a one-time code. When one is pending for the same number, purpose, session and binding, its code is sent " +
          "again, and its metadata stays as the first start said it. With the method `message` nothing is sent: the answer " +
          "has the message that the user is to send, the same for a second start, and the verification is approved once it " +
          "has come from their number.",
        example: { to: "+6281234567890", locale: "id" },
        responses: {
          201: {
            description: "Started: the code is on its way, or the user can send their message.",
            schema: verificationBody,
          },
          200: {
            description: "One was pending: its code was sent again, or its message is answered again.",
            schema: verificationBody,
          },
        },
        problems: [
          "invalid_phone_number",
          "unknown_purpose",
          "idempotency_in_progress",
          "idempotency_mismatch",
          ...SEND_PROBLEMS,
        ],
      })),
      body: startBody(policies),
      acceptsIdempotencyKey: true,
    }),
  };
}

export function startHandlers(
  verifications: Verifications,
  messageFirst: Pick<MessageFirst, "start">,
): Handlers<typeof startDefinitions> {
  return {
    async startVerification({ body, caller, idempotencyKey, background }) {
      const { to = null } = body;
      const common = {
        app: caller.app,
        session: body.session ?? null,
        purpose: body.purpose,
        locale: body.locale ?? null,
        via: "v1",
        bind: body.bind ?? null,
        metadata: body.metadata ?? null,
        asker: {
          callerId: caller.id,
          client: toClient(body.client),
          limits: body.limits ?? {},
        },
      } as const;
      if (body.method === "message") {
        return replyToLink(await messageFirst.start({ to, ...common }, idempotencyKey, background));
      }
      if (to === null) throw new Error("The body of a start by code has a number");
      const request: StartRequest = {
        to,
        ...common,
        channels: body.channels ?? null,
        code: body.code ?? null,
        codeLength: body.code_length ?? null,
        fallbackAfterSeconds: body.fallback_after_seconds ?? null,
        codeCheckedBy: "sandi",
        whilePending: "resend",
      };
      return replyToSend(await verifications.start(request, idempotencyKey, background), "/channels");
    },
  };
}
