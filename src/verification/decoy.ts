import type { AppName } from "../ids/app-name.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import { verificationIdFor } from "../ids/verification-id.ts";
import type { E164 } from "../numbering/e164.ts";
import { DEFAULT_POLICY } from "../phone-number/policy.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS } from "../platform/time.ts";

/**
 * The answer to a check by number where no verification is known: one that has expired. An honest app reacts
 * as it would to that, and an attacker who tries numbers learns nothing about them (ASVS 6.3.8). It is the
 * same each time for the same number, app and purpose.
 */
export function decoy(
  keyring: Keyring,
  name: PhoneNumberName,
  to: E164,
  app: AppName,
  purpose: string,
  now: number,
): VerificationSnapshot {
  const [seed] = keyring.mac("request", `decoy ${name} ${app} ${purpose}`);
  const lifetimeMs = DEFAULT_POLICY.expiresInSeconds * 1000;
  // Yesterday, at a time that depends on the number, so that asking again finds the same.
  const createdAt = now - (now % DAY_MS) - lifetimeMs - seed.readUInt16BE() * 1000;
  const expiresAt = createdAt + lifetimeMs;
  return {
    id: verificationIdFor(name, seed),
    to,
    app,
    purpose,
    status: "expired",
    reason: null,
    channel: "whatsapp",
    locale: "en-US",
    bind: null,
    metadata: {},
    identityChanged: false,
    test: false,
    attemptsRemaining: 5,
    sendsRemaining: 4,
    createdAt,
    expiresAt,
    resendAt: null,
    closedAt: expiresAt,
    messages: [
      {
        channel: "whatsapp",
        status: "delivered",
        template: DEFAULT_POLICY.template,
        language: "en_US",
        providerMessageId: null,
        error: null,
        pricing: null,
        leasedAt: createdAt,
        timeToLiveSeconds: null,
        createdAt,
        updatedAt: createdAt,
        sentAt: createdAt,
        deliveredAt: createdAt,
        readAt: null,
      },
    ],
  };
}
