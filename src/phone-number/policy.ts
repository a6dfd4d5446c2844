import * as z from "zod";
import { CHANNEL_NAMES } from "../messages/message.ts";
import type { NumberLimits } from "./number-limits.ts";

/** NIST SP 800-63B-4 section 3.1.3.2 and ASVS 6.5.5: a code is valid for at most ten minutes, resends included. */
export const CODE_LIFETIME_LIMIT_SECONDS = 600;

/** With the attempts limited, more digits would only be mistyped more often. */
export const LONGEST_DRAWN_CODE = 10;

/** The bounds of the wait for a delivery, in a policy and in a start that asks for its own. */
export const FALLBACK_AFTER_SECONDS = { least: 10, most: 300 } as const;

const DEFAULT_TEMPLATE_NAME = "verification_code";
const templateName = z.string().regex(/^[a-z0-9_]{1,512}$/);

/**
 * What one purpose allows, as a team writes it in `[vars.PURPOSES.<name>]` of wrangler.toml. A field that is
 * left out takes its default; one that is unknown or out of bounds stops the Worker.
 */
export const policySchema = z
  .strictObject({
    /** NIST SP 800-63B-4 section 3.1.3.2 and ASVS 6.5.4 ask for six digits. */
    code_length: z.int().min(4).max(LONGEST_DRAWN_CODE).default(6),
    code_alphabet: z.enum(["digits", "letters_digits"]).default("digits"),
    expires_in_seconds: z.int().min(30).max(CODE_LIFETIME_LIMIT_SECONDS).default(300),
    /** PSD2 RTS article 4: the code is blocked after five failures. */
    max_attempts: z.int().min(1).max(10).default(5),
    max_sends: z.int().min(1).max(10).default(5),
    /** The wait after the first, second … send; the last one repeats. WhatsApp accepts one message per recipient every 6 s. */
    resend_after_seconds: z.array(z.int().min(6).max(3600)).min(1).max(10).default([30, 60, 120, 300]),
    /** Whether a resend carries the same code or draws a new one. */
    resend: z.enum(["same", "new"]).default("same"),
    channels: z.array(z.enum(CHANNEL_NAMES)).min(1).default(["whatsapp"]),
    /** How long a message may stay undelivered before the next channel is used. */
    fallback_after_seconds: z
      .int()
      .min(FALLBACK_AFTER_SECONDS.least)
      .max(FALLBACK_AFTER_SECONDS.most)
      .default(45),
    template: templateName.default(DEFAULT_TEMPLATE_NAME),
    /** Used while WhatsApp has paused every suitable language of `template`. */
    fallback_template: templateName.default(DEFAULT_TEMPLATE_NAME),
    /** PSD2 RTS article 5: the code is bound to an amount and a payee, and the check has to name both. */
    bind_required: z.boolean().default(false),
    /** PSD2 RTS article 4(3)(b): so many consecutive failures at this purpose block it for the number. None by default. */
    block_after_failures: z.int().min(1).max(100).nullable().default(null),
    block_seconds: z.int().min(30).max(86_400).default(900),
    /**
     * Whether the user may prove the number by a message that they send. One tap on a link that a stranger forwards is
     * enough for that, so it is off for a purpose where an account exists already, unless the team decides otherwise.
     */
    message_first: z.enum(["off", "on"]).default("off"),
    /** Whether such a start may leave the number out: it is then the one that the message comes from. */
    message_first_learns_number: z.boolean().default(false),
  })
  .transform((fields) => ({
    codeLength: fields.code_length,
    codeAlphabet: fields.code_alphabet,
    expiresInSeconds: fields.expires_in_seconds,
    maxAttempts: fields.max_attempts,
    maxSends: fields.max_sends,
    resendAfterSeconds: fields.resend_after_seconds,
    resend: fields.resend,
    channels: fields.channels,
    fallbackAfterSeconds: fields.fallback_after_seconds,
    template: fields.template,
    fallbackTemplate: fields.fallback_template,
    bindRequired: fields.bind_required,
    blockAfterFailures: fields.block_after_failures,
    blockSeconds: fields.block_seconds,
    messageFirst: fields.message_first,
    messageFirstLearnsNumber: fields.message_first_learns_number,
  }));

export type Policy = z.output<typeof policySchema>;

export const DEFAULT_POLICY: Policy = policySchema.parse({});

/** The part of a policy that later decisions need, as it was when the verification began. */
export type FrozenPolicy = Pick<
  Policy,
  | "expiresInSeconds"
  | "maxAttempts"
  | "maxSends"
  | "resendAfterSeconds"
  | "resend"
  | "fallbackAfterSeconds"
  | "blockAfterFailures"
  | "blockSeconds"
>;

/**
 * The part of a policy that travels to the object and stays with the verification.
 *
 * @param fallbackAfterSeconds What the start asks for; null for the policy's time.
 */
export function freezePolicy(policy: Policy, fallbackAfterSeconds: number | null = null): FrozenPolicy {
  return {
    expiresInSeconds: policy.expiresInSeconds,
    maxAttempts: policy.maxAttempts,
    maxSends: policy.maxSends,
    resendAfterSeconds: policy.resendAfterSeconds,
    resend: policy.resend,
    fallbackAfterSeconds: fallbackAfterSeconds ?? policy.fallbackAfterSeconds,
    blockAfterFailures: policy.blockAfterFailures,
    blockSeconds: policy.blockSeconds,
  };
}

/** The deployment's rules about what only the number's object knows, as they were when a verification began. */
export interface FrozenRules {
  /** About a number whose owner has denied requesting a code. */
  readonly owner: "off" | "record_only" | "enforce";
  /** About a number whose phone is not the one of the last approved code. */
  readonly identityChange: "off" | "report" | "refuse_whatsapp";
  /** With `refuse_whatsapp`: how long a changed phone gets no code and is not trusted, unless an operator unlocks it. */
  readonly identityHoldMs: number;
}

/** The rules, and the windows of sends: those hold for all verifications of a number, whenever they began. */
export interface NumberRules extends FrozenRules {
  readonly limits: NumberLimits;
}

/** The part of the rules that stays with a verification. */
export function freezeRules({ owner, identityChange, identityHoldMs }: NumberRules): FrozenRules {
  return { owner, identityChange, identityHoldMs };
}

/** Limits on a phone number over all apps and purposes together; no policy can loosen them. */
export const NUMBER_LIMITS = {
  /** After this many taps on "I didn't request a code", no more codes are sent that day. */
  denialsPerDay: 2,
  /** From this many consecutive failures on, each further one locks the number for a time. */
  failuresBeforeDelay: 10,
  /** NIST SP 800-63B-4 section 3.2.2: a delay that grows from 30 seconds to an hour. */
  firstDelaySeconds: 30,
  longestDelaySeconds: 3600,
  /** The same section: at 100 the number stays locked until an operator unlocks it. */
  failuresBeforeLock: 100,
} as const;
