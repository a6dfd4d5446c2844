import type { CodeProof, SealedCode } from "../../src/codes/code.ts";
import { DEFAULT_APP } from "../../src/ids/app-name.ts";
import type { VerificationId } from "../../src/ids/verification-id.ts";
import type { E164 } from "../../src/numbering/e164.ts";
import type { CheckCommand } from "../../src/phone-number/decisions/check.ts";
import type { StartCommand } from "../../src/phone-number/decisions/send.ts";
import { DEFAULT_POLICY, freezePolicy } from "../../src/phone-number/policy.ts";
import { ATTRIBUTION, RULES } from "../verification/fixtures.ts";

export const TO = "+6281234567890" as E164;

/** A code as a command carries it: its proof and its seal are readable. */
export const candidate = (code: string) => ({
  proof: `proof of ${code}` as CodeProof,
  sealed: `sealed ${code}` as SealedCode,
  fromCaller: false,
});

/** A start over WhatsApp for the purpose "login", with the default policy. */
export function startCommand(fields: Partial<StartCommand> & Pick<StartCommand, "id">): StartCommand {
  return {
    to: TO,
    app: DEFAULT_APP,
    session: null,
    protectedNumber: { toMasked: "+62*********90", toSealed: "sealed", country: "ID" },
    subscribedTypes: [],
    purpose: "login",
    policy: freezePolicy(DEFAULT_POLICY),
    codeLength: null,
    codeCheckedBy: "sandi",
    via: "v1",
    whilePending: "resend",
    channels: ["whatsapp"],
    route: {
      channel: "whatsapp",
      template: "verification_code",
      language: "en_US",
      timeToLiveSeconds: 300,
    },
    locale: { tag: "en", asked: false },
    bind: null,
    metadata: null,
    code: candidate("111111"),
    idempotency: null,
    attribution: ATTRIBUTION,
    rules: RULES,
    test: false,
    ...fields,
  };
}

export const newId = (number: number) => `vrf_${number}` as VerificationId;

/** A check by the default app, without a session. */
export function checkCommand(
  fields: Pick<CheckCommand, "which" | "proofs"> & Partial<CheckCommand>,
): CheckCommand {
  return {
    app: DEFAULT_APP,
    scope: DEFAULT_APP,
    sessions: [null],
    idempotency: null,
    attemptId: crypto.randomUUID(),
    ...fields,
  };
}
