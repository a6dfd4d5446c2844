import type { NumberInEvents } from "../ids/protected-number.ts";
import type { VerificationSnapshot } from "./snapshot.ts";
import type { VerificationEventType } from "./verification.ts";

export interface VerificationEvent {
  readonly kind: "verification";
  /** `evt_`, the verification's id and its revision: the same however often it is handed over. */
  readonly id: string;
  readonly type: VerificationEventType;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly verification: EventVerification;
}

/** A verification as an event carries it. */
export interface EventVerification extends Omit<VerificationSnapshot, "to">, NumberInEvents {
  /** Grows with every event of this verification: of two, the larger is the newer truth. */
  readonly revision: number;
}
