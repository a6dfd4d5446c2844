import * as z from "zod";
import { capSettings } from "./budget/caps.ts";
import { budgetSettings } from "./budget/settings.ts";
import { destinationSettings } from "./destinations/settings.ts";
import { namedLimitSettings } from "./limits/settings.ts";
import { MODES } from "./rule.ts";
import { testNumbers } from "./test-numbers.ts";
import { VETO_SECRET, vetoSettings } from "./veto/settings.ts";

const mode = z.enum(MODES);

const fence = z
  .strictObject({
    mode: mode.default("enforce"),
    /** What wrangler.toml gives the rate-limit bindings, for the answer's RateLimit fields to say. */
    api_key_per_minute: z.int().min(1).default(6000),
    client_per_minute: z.int().min(1).default(30),
  })
  .transform((fields) => ({
    mode: fields.mode,
    apiKeyPerMinute: fields.api_key_per_minute,
    clientPerMinute: fields.client_per_minute,
  }));

export type FenceSettings = z.output<typeof fence>;

/** What holds fraud off, as a team writes it in `[vars.GUARD]` of wrangler.toml. All of it may be left out. */
const guardTable = z
  .strictObject({
    fence: fence.prefault({}),
    destinations: destinationSettings.prefault({}),
    named_limits: namedLimitSettings.prefault({}),
    /** A number whose owner says twice in a day that they asked for no code. */
    number_owner: z.strictObject({ mode: mode.default("enforce") }).prefault({}),
    budget: budgetSettings.prefault({}),
    caps: capSettings.prefault({}),
    veto: vetoSettings.prefault({}),
    /** What a changed WhatsApp identity does: nothing, a mark on answers and events, or no WhatsApp either. */
    identity_change: z.enum(["off", "report", "refuse_whatsapp"]).default("off"),
    test_numbers: testNumbers.prefault([]),
  })
  .transform((fields) => ({
    fence: fields.fence,
    destinations: fields.destinations,
    namedLimits: fields.named_limits,
    numberOwner: fields.number_owner.mode,
    budget: fields.budget,
    caps: fields.caps,
    veto: fields.veto,
    identityChange: fields.identity_change,
    testNumbers: fields.test_numbers,
  }));

export type GuardSettings = z.output<typeof guardTable> & { readonly vetoSecret: string };

/** Stands beside the rest of the environment with `.and(guardSettings)`. */
export const guardSettings = z
  .object({ GUARD: guardTable.prefault({}), GUARD_VETO_SECRET: z.string().default("") })
  .refine(({ GUARD, GUARD_VETO_SECRET: secret }) => GUARD.veto.mode === "off" || VETO_SECRET.test(secret), {
    path: ["GUARD_VETO_SECRET"],
    message: 'is missing: make one with `echo "whsec_$(openssl rand -base64 32)"`',
  })
  .transform(({ GUARD, GUARD_VETO_SECRET: vetoSecret }): { readonly guard: GuardSettings } => ({
    guard: { ...GUARD, vetoSecret },
  }));
