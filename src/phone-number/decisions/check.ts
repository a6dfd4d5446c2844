import { timingSafeEqual } from "node:crypto";
import type { CodeProof, SessionTag } from "../../codes/code.ts";
import type { AppName, AppScope } from "../../ids/app-name.ts";
import type { IdempotencyRequest } from "../../ids/idempotency-key.ts";
import type { VerificationId } from "../../ids/verification-id.ts";
import type { CheckAnswer } from "../answers.ts";
import { advance, findOwn, type PhoneState, withVerification } from "../phone-state.ts";
import { snapshotOf } from "../snapshot.ts";
import { close, type Verification } from "../verification.ts";
import { type Recalled, recall, remember } from "./idempotency.ts";
import { approveIdentity } from "./identity.ts";
import { rememberKnown } from "./known.ts";
import { lockAfter, refuseLocked } from "./limits.ts";
import { countPurposeFailure, refuseBlockedPurpose, withoutPurpose } from "./purpose-block.ts";
import type { Refusal } from "./refusal.ts";
import { giveBackSends } from "./send-windows.ts";

export interface CheckCommand {
  /** By id, of one purpose where it is named; or by purpose, which means the pending verification, else the newest one. */
  readonly which: { readonly id: VerificationId; readonly purpose?: string } | { readonly purpose: string };
  /** The app that the proofs are for. */
  readonly app: AppName;
  /** Whose verifications the caller can reach. */
  readonly scope: AppScope;
  /** The tags of the caller's session under each live key; `[null]` without one. */
  readonly sessions: readonly (SessionTag | null)[];
  /** The proofs of the user's code for this app, session and binding, one or more for each live key. */
  readonly proofs: readonly CodeProof[];
  readonly idempotency: IdempotencyRequest | null;
  /** Random: a call that is repeated after a fault of the platform has the same. */
  readonly attemptId: string;
}

export type CheckOutcome =
  | CheckAnswer
  | Refusal
  | Recalled<CheckAnswer>
  | { readonly kind: "not_found" }
  /** The caller can reach it, but the proofs are for another app. */
  | { readonly kind: "of_other_app"; readonly app: AppName };

type Decision = { readonly state: PhoneState; readonly outcome: CheckOutcome };

/**
 * Checks a code. The attempt is charged and the comparison made in one step, which is stored before the
 * result leaves the object: no crash gives an attempt back, and of two right codes at the same moment the
 * second finds the verification approved (ASVS 6.5.1, NIST SP 800-63B-4 section 3.1.3.2).
 */
export function check(before: PhoneState, command: CheckCommand, now: number): Decision {
  const state = advance(before, now);
  const recalled = recall(
    state,
    command.idempotency,
    now,
    (answer) => answer.kind === "check_answer",
    () => null,
  );
  if (recalled !== null) return { state, outcome: recalled };

  const verification = choose(state, command);
  if (verification === undefined) {
    // An id cannot be guessed, a phone number can.
    const noted = "id" in command.which ? state : noteUnchargedCheck(state, now);
    return { state: noted, outcome: { kind: "not_found" } };
  }
  if (verification.app !== command.app) {
    return { state, outcome: { kind: "of_other_app", app: verification.app } };
  }
  const { lastAttempt } = verification;
  if (lastAttempt?.id === command.attemptId) {
    return { state, outcome: answerOf(lastAttempt.valid, verification) };
  }
  // Not stored under its key: the same request finds the same answer again without that.
  if (verification.status !== "pending") {
    const outcome: CheckAnswer = { ...answerOf(false, verification), closedBefore: true };
    return { state: noteUnchargedCheck(state, now), outcome };
  }
  // There is no code to guess, and the token proves nothing here: only the message from the phone does.
  if (verification.link !== null) {
    return { state: noteUnchargedCheck(state, now), outcome: answerOf(false, verification) };
  }

  const refused = refuseLocked(state, now) ?? refuseBlockedPurpose(state, verification.purpose, now);
  if (refused !== null) return { state, outcome: refused };

  const valid = matches(verification.code?.proof, command.proofs);
  const charged = {
    ...verification,
    attempts: verification.attempts + 1,
    lastAttempt: { id: command.attemptId, valid },
  };
  const checked = valid ? approve(state, charged, now) : fail(state, charged, now);
  const outcome = answerOf(valid, checked.verification);
  return {
    state: remember(checked.state, command.idempotency, verification.id, outcome, now),
    outcome,
  };
}

/**
 * Has an uncharged check write a row like any other, so that its duration does not tell whether the number has
 * a pending verification (ASVS 6.3.8).
 */
function noteUnchargedCheck(state: PhoneState, now: number): PhoneState {
  return { ...state, lastUnchargedCheckAt: now };
}

/**
 * Finds the verification that a check means. One of another session is not found instead of compared: a check of
 * one session charges no attempt of another, and learns nothing about it.
 */
function choose(state: PhoneState, { which, app, scope, sessions }: CheckCommand): Verification | undefined {
  const isOwn = (v: Verification) => sessions.includes(v.session) || v.app !== app;
  if ("id" in which) {
    const found = findOwn(state, which.id, scope);
    const isMeant = which.purpose === undefined || found?.purpose === which.purpose;
    return found !== undefined && isMeant && isOwn(found) ? found : undefined;
  }
  const candidates = state.verifications.filter(
    (v) => v.purpose === which.purpose && v.app === app && isOwn(v) && v.link === null,
  );
  return candidates.find((v) => v.status === "pending") ?? candidates.at(-1);
}

function approve(state: PhoneState, charged: Verification, now: number) {
  const verification = close(charged, "approved", null, now);
  return {
    verification,
    state: {
      ...approveIdentity(withVerification(state, verification), verification.rules, now),
      consecutiveFailures: 0,
      lockedUntil: 0,
      purposeFailures: withoutPurpose(state.purposeFailures, verification.purpose),
      sends: giveBackSends(state.sends, verification.id),
      pairHold: null,
      known: rememberKnown(state.known, verification, now),
    },
  };
}

function fail(state: PhoneState, charged: Verification, now: number) {
  const exhausted = charged.attempts >= charged.policy.maxAttempts;
  const verification = exhausted ? close(charged, "failed", "attempts_exhausted", now) : charged;
  const consecutiveFailures = state.consecutiveFailures + 1;
  const lockedUntil = now + lockAfter(consecutiveFailures);
  return {
    verification,
    state: {
      ...withVerification(state, verification),
      consecutiveFailures,
      lockedUntil,
      purposeFailures: countPurposeFailure(state.purposeFailures, verification, now),
    },
  };
}

function answerOf(valid: boolean, verification: Verification): CheckAnswer {
  return { kind: "check_answer", valid, verification: snapshotOf(verification) };
}

/** Compares with every proof in constant time, so that the duration of a check tells nothing about the code. */
function matches(stored: CodeProof | undefined, proofs: readonly CodeProof[]): boolean {
  let found = false;
  for (const proof of proofs) {
    const a = bytes(stored ?? "");
    const b = bytes(proof);
    found = (a.length === b.length && timingSafeEqual(a, b)) || found;
  }
  return found;
}

function bytes(proof: string): Uint8Array {
  return new TextEncoder().encode(proof);
}
