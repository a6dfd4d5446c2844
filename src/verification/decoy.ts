import { base32 } from "../ids/base32.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { E164 } from "../numbering/e164.ts";
import { DEFAULT_POLICY } from "../phone-number/policy.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";
import type { Keyring } from "../platform/keyring.ts";
import { DAY_MS } from "../platform/time.ts";

const ID_BYTES = 6;

/**
 * What a check by number is shown where no verification is known: one that has expired. The app does what it
 * would do then, and whoever tries numbers out learns nothing of them (ASVS 6.3.8). The same for the same
 * number and purpose.
 */
export function decoy(
  keyring: Keyring,
  name: PhoneNumberName,
  to: E164,
  purpose: string,
  now: number,
): VerificationSnapshot {
  const own = keyring.mac("request", `decoy ${name} ${purpose}`)[0].subarray(0, ID_BYTES);
  const lifetimeMs = DEFAULT_POLICY.expiresInSeconds * 1000;
  // Yesterday, at a time of each number's own: asking again finds the same.
  const createdAt = now - (now % DAY_MS) - lifetimeMs - own.readUInt16BE() * 1000;
  const expiresAt = createdAt + lifetimeMs;
  return {
    id: `vrf_${name}${base32(own)}` as VerificationId,
    to,
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
