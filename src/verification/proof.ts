import type { Binding } from "../codes/code.ts";
import type { ChannelName } from "../messages/message.ts";
import type { VerificationSnapshot } from "../phone-number/snapshot.ts";

/** The media type of a proof (RFC 8725, section 3.11): it passes for no other token of the issuer. */
export const PROOF_TYPE = "phone-verification+jwt";
const LIFETIME_SECONDS = 300;

/** Authenticator assurance level 1 of NIST SP 800-63, and never more: a code can be phished. */
export const ACR = "http://idmanagement.gov/ns/assurance/aal/1";

/** What the proof of an approved verification is made for. */
export interface ProofContext {
  readonly issuer: string;
  readonly audience: string;
  readonly nonce: string | null;
  /** The subject that stands for the number. */
  readonly subject: string;
}

/**
 * The claims of the proof that a verification was approved. They depend on nothing but the approval, so that a check that
 * is repeated with its idempotency key proves no newer one.
 */
export function proofClaims(verification: VerificationSnapshot, context: ProofContext) {
  const { id, to, purpose, channel, bind, closedAt } = verification;
  const { issuer, audience, nonce, subject } = context;
  const issuedAt = Math.floor((closedAt ?? verification.createdAt) / 1000);
  return {
    iss: issuer,
    aud: audience,
    nonce: nonce ?? undefined,
    jti: id,
    sub: subject,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
    phone_number: to,
    phone_number_verified: true,
    purpose,
    amr: amrOf(channel),
    acr: ACR,
    authorization_details: bind === null ? undefined : [toAuthorizationDetail(bind)],
  };
}

/** The methods by which a number was verified, in the values of RFC 8176 and the channel's name. */
export function amrOf(channel: ChannelName | null): readonly string[] {
  return channel === null ? ["otp"] : ["otp", channel];
}

/** What a code confirmed besides the number, as RFC 9396 spells it. */
export function toAuthorizationDetail({ amount, currency, payee }: Binding) {
  return { type: "payment", amount, currency, payee } as const;
}
