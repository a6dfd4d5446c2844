import * as z from "zod";
import { CHANNEL_NAMES } from "../messages/message.ts";

/**
 * NIST SP 800-63B-4 section 3.1.3.2 and ASVS 6.5.5: no code is good for longer than ten minutes, however
 * often it was sent again.
 */
export const CODE_LIFETIME_LIMIT_SECONDS = 600;

const DEFAULT_TEMPLATE_NAME = "verification_code";
const templateName = z.string().regex(/^[a-z0-9_]{1,512}$/);

/**
 * What one purpose allows, as a team writes it in `[vars.PURPOSES.<name>]` of wrangler.toml. Whatever is
 * left out takes the default; anything out of bounds, or unknown, stops the Worker.
 */
export const policySchema = z
  .strictObject({
    /** NIST SP 800-63B-4 section 3.1.3.2 and ASVS 6.5.4 ask for six digits. */
    code_length: z.int().min(4).max(10).default(6),
    code_alphabet: z.enum(["digits", "letters_digits"]).default("digits"),
    expires_in_seconds: z.int().min(30).max(CODE_LIFETIME_LIMIT_SECONDS).default(300),
    /** PSD2 RTS article 4: five failures, then the code is blocked. */
    max_attempts: z.int().min(1).max(10).default(5),
    max_sends: z.int().min(1).max(10).default(5),
    /** The wait after the first, second … send; the last one repeats. WhatsApp takes one message in 6 s per recipient. */
    resend_after_seconds: z.array(z.int().min(6).max(3600)).min(1).max(10).default([30, 60, 120, 300]),
    /** Whether a resend carries the same code or draws a new one. */
    resend: z.enum(["same", "new"]).default("same"),
    channels: z.array(z.enum(CHANNEL_NAMES)).min(1).default(["whatsapp"]),
    /** How long the first channel may stay silent before the next one carries the code. */
    fallback_after_seconds: z.int().min(10).max(300).default(45),
    template: templateName.default(DEFAULT_TEMPLATE_NAME),
    /** Carries the code while WhatsApp has paused every language of `template` that would do. */
    fallback_template: templateName.default(DEFAULT_TEMPLATE_NAME),
    /** PSD2 RTS article 5: the code is bound to an amount and a payee, and the check has to name both. */
    bind_required: z.boolean().default(false),
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
  }));

export type Policy = z.output<typeof policySchema>;

export const DEFAULT_POLICY: Policy = policySchema.parse({});

/** Limits on a phone number over all purposes together; no purpose can loosen them. */
export const NUMBER_LIMITS = {
  sendsPerDay: 10,
  /** So many "I didn't request a code" and there are no more codes that day. */
  denialsPerDay: 2,
  /** From this many consecutive failures on, each one locks the number for a while. */
  failuresBeforeDelay: 10,
  /** NIST SP 800-63B-4 section 3.2.2: growing from 30 seconds to an hour. */
  firstDelaySeconds: 30,
  longestDelaySeconds: 3600,
  /** The same section: at 100 the number stays locked until an operator unlocks it. */
  failuresBeforeLock: 100,
} as const;
