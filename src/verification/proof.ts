import type { Binding } from "../codes/code.ts";
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
 * The claims of the proof that a verification was approved. They depend on the approval alone, so that a check that
 * is repeated with its idempotency key proves no newer one.
 */
export function proofClaims(verification: VerificationSnapshot, context: ProofContext) {
  const { id, to, purpose, bind, closedAt } = verification;
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
    amr: amrOf(verification),
    acr: ACR,
    authorization_details: bind === null ? undefined : [toAuthorizationDetail(bind)],
  };
}

/**
 * The methods by which a number was verified, in the values of RFC 8176 and the channel's name. A message that the user sent
 * has come by WhatsApp.
 */
export function amrOf({
  channel,
  method,
}: Pick<VerificationSnapshot, "channel" | "method">): readonly string[] {
  const by = method === "message" ? "whatsapp" : channel;
  return by === null ? ["otp"] : ["otp", by];
}

/** What a code confirmed besides the number, as RFC 9396 spells it. */
export function toAuthorizationDetail({ amount, currency, payee }: Binding) {
  return { type: "payment", amount, currency, payee } as const;
}
