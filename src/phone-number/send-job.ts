import type { VerificationId } from "../ids/verification-id.ts";

/** A message that somebody has to send: whoever takes it asks the object again before it does. */
export interface SendJob {
  readonly kind: "send";
  readonly id: VerificationId;
  readonly ordinal: number;
  readonly at: number;
  /** Later than `at` where somebody is already sending, and this is for the case that they die. */
  readonly notBefore: number;
  /** When the object hands it over once more, should the message still wait: a queue may lose it too. */
  readonly lookAgainAt: number;
}
