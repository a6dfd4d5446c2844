import { describe, expect, it } from "vitest";
import type { AppName } from "../../src/ids/app-name.ts";
import { approve, cancel } from "../../src/phone-number/decisions/cancel.ts";
import { check } from "../../src/phone-number/decisions/check.ts";
import { start } from "../../src/phone-number/decisions/send.ts";
import { EMPTY, type PhoneState } from "../../src/phone-number/phone-state.ts";
import { DEFAULT_POLICY, freezePolicy } from "../../src/phone-number/policy.ts";
import { candidate, checkCommand, newId, startCommand } from "./commands.ts";

const OWNER = { limits: {}, network: "network of the owner", device: "device of the owner" };
const ID = newId(1);
const POLICY = freezePolicy({ ...DEFAULT_POLICY, blockAfterFailures: 3 });

function begun(): PhoneState {
  return start(EMPTY, startCommand({ id: ID, attribution: OWNER, policy: POLICY }), 0).state;
}

function afterFailures(count: number): PhoneState {
  let state = begun();
  for (let failure = 0; failure < count; failure += 1) {
    const wrong = checkCommand({ which: { id: ID }, proofs: [candidate("999999").proof] });
    state = check(state, wrong, 1).state;
  }
  return state;
}

describe("an approval by the caller", () => {
  it("closes the pending verification as approved and erases its code", () => {
    const { state, outcome } = approve(begun(), ID, null, 5);
    expect(outcome).toMatchObject({ id: ID, status: "approved", reason: null, closedAt: 5 });
    expect(state.verifications).toMatchObject([{ status: "approved", code: null }]);
    const right = checkCommand({ which: { id: ID }, proofs: [candidate("111111").proof] });
    expect(check(state, right, 6).outcome).toMatchObject({
      valid: false,
      verification: { status: "approved" },
    });
  });

  it("never resets the consecutive failures of the number or of the purpose, nor a block", () => {
    const before = afterFailures(3);
    expect(before).toMatchObject({ consecutiveFailures: 3, purposeFailures: [{ failures: 3 }] });
    const { state } = approve(before, ID, null, 2);
    const { consecutiveFailures, lockedUntil, purposeFailures } = before;
    expect(state).toMatchObject({ consecutiveFailures, lockedUntil, purposeFailures });
  });

  it("gives back the sends of its verification and no others, and makes no network or device known", () => {
    const other = { at: 0, id: newId(9), isRefused: true };
    const before = { ...begun(), pairHold: { until: 60_000, refusals: 1 } };
    const { state } = approve({ ...before, sends: [...before.sends, other] }, ID, null, 1);
    expect(state).toMatchObject({ sends: [other], known: [], pairHold: before.pairHold });
  });

  it("leaves a closed verification as it is, so that a second one is answered alike and changes nothing", () => {
    const approved = approve(begun(), ID, null, 5);
    expect(approve(approved.state, ID, null, 9)).toEqual({
      state: approved.state,
      outcome: approved.outcome,
    });
    const canceled = cancel(begun(), ID, null, 5).state;
    expect(approve(canceled, ID, null, 9)).toMatchObject({
      state: canceled,
      outcome: { status: "canceled" },
    });
    expect(approve(begun(), ID, null, 300_000).outcome).toMatchObject({ status: "expired" });
  });

  it("finds nothing under an unknown id or another app's", () => {
    const state = begun();
    expect(approve(state, newId(2), null, 5)).toEqual({ state, outcome: null });
    expect(approve(state, ID, "shop" as AppName, 5)).toEqual({ state, outcome: null });
  });
});
