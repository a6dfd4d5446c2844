import { describe, expect, it } from "vitest";
import type { SessionTag } from "../../src/codes/code.ts";
import { cancel } from "../../src/phone-number/decisions/cancel.ts";
import { check } from "../../src/phone-number/decisions/check.ts";
import { resend, type StartCommand, start } from "../../src/phone-number/decisions/send.ts";
import { EMPTY, findVerification, type PhoneState } from "../../src/phone-number/phone-state.ts";
import { DEFAULT_POLICY, freezePolicy } from "../../src/phone-number/policy.ts";
import type { Attribution } from "../../src/phone-number/verification.ts";
import { RULES } from "../verification/fixtures.ts";
import { candidate, checkCommand, newId, startCommand } from "./commands.ts";

const SECOND = 1000;
const OWNER: Attribution = { limits: {}, network: "network of the owner", device: "device of the owner" };
const STRANGER: Attribution = { limits: {}, network: "network of a stranger", device: null };
/** Roomy windows: these tests are about the limits of a verification. */
const ROOMY = { ...RULES, limits: { windows: [{ quota: 50, windowMs: 3_600_000 }], keptForKnown: 0 } };
const POLICY = freezePolicy({ ...DEFAULT_POLICY, maxSends: 3, resendAfterSeconds: [10, 20, 40] });
const [A, B, C, D] = [newId(1), newId(2), newId(3), newId(4)];
type Id = typeof A;

function begin(state: PhoneState, id: Id, now: number, fields: Partial<StartCommand> = {}) {
  return start(state, startCommand({ id, policy: POLICY, rules: ROOMY, ...fields }), now);
}

const supersede = (state: PhoneState, id: Id, now: number, fields: Partial<StartCommand> = {}) =>
  begin(state, id, now, { whilePending: "supersede", ...fields });

const right = (id: Id, code = "111111") => checkCommand({ which: { id }, proofs: [candidate(code).proof] });

describe("a start that asks to be refused while one is pending", () => {
  it("names the pending verification, sends nothing and changes nothing", () => {
    const { state } = begin(EMPTY, A, 0);
    const refused = begin(state, B, 60 * SECOND, { whilePending: "refuse", code: candidate("222222") });
    expect(refused.outcome).toMatchObject({ kind: "already_pending", verification: { id: A } });
    expect(refused.state).toBe(state);
  });

  it("is refused within the cool-down as well, and for a pending one with another binding", () => {
    const bind = { amount: "1.00", currency: "EUR", payee: "Ana" };
    const { state } = begin(EMPTY, A, 0, { bind });
    const { outcome } = begin(state, B, 1, { whilePending: "refuse" });
    expect(outcome).toMatchObject({ kind: "already_pending", verification: { id: A } });
  });

  it("begins a verification where none is pending, and where one is pending for another session or purpose", () => {
    const fields = { whilePending: "refuse" } as const;
    expect(begin(EMPTY, A, 0, fields).outcome).toMatchObject({ kind: "send", created: true });
    const { state } = begin(EMPTY, A, 0);
    const elsewhere = { ...fields, session: "another" as SessionTag };
    expect(begin(state, B, 1, elsewhere).outcome).toMatchObject({ kind: "send", created: true });
    const otherwise = { ...fields, purpose: "signup" };
    expect(begin(state, C, 1, otherwise).outcome).toMatchObject({ kind: "send", created: true });
  });
});

describe("a start that supersedes the pending verification", () => {
  it("closes it as superseded, so that its code is no longer accepted, and sends another one", () => {
    const { state } = begin(EMPTY, A, 0);
    const next = supersede(state, B, 10 * SECOND, { code: candidate("222222") });
    expect(next.outcome).toMatchObject({
      kind: "send",
      created: true,
      sealed: "sealed 222222",
      verification: { id: B },
    });
    expect(findVerification(next.state, A)).toMatchObject({
      status: "canceled",
      reason: "superseded",
      code: null,
    });
    expect(check(next.state, right(A), 11 * SECOND).outcome).toMatchObject({ valid: false });
    expect(check(next.state, right(B), 11 * SECOND).outcome).toMatchObject({ valid: false });
    expect(check(next.state, right(B, "222222"), 11 * SECOND).outcome).toMatchObject({ valid: true });
  });

  it("is held to the cool-down of the pending one, which it is told of, and leaves it as it was", () => {
    const { state } = begin(EMPTY, A, 0);
    const early = supersede(state, B, 10 * SECOND - 1);
    expect(early.outcome).toMatchObject({
      kind: "refused",
      code: "resend_too_soon",
      retryAfterMs: 1,
      pending: { id: A },
    });
    expect(early.state).toBe(state);
  });

  it("counts the sends before it towards max_sends, and waits longer after each of them", () => {
    const first = begin(EMPTY, A, 0);
    const second = supersede(first.state, B, 10 * SECOND);
    expect(second.outcome).toMatchObject({ verification: { sendsRemaining: 1, resendAt: 30 * SECOND } });
    expect(supersede(second.state, C, 30 * SECOND - 1).outcome).toMatchObject({ code: "resend_too_soon" });
    const third = supersede(second.state, C, 30 * SECOND);
    expect(third.outcome).toMatchObject({ verification: { sendsRemaining: 0, resendAt: null } });
    const fourth = supersede(third.state, D, 100 * SECOND);
    expect(fourth.outcome).toMatchObject({
      code: "send_limit_reached",
      retryAfterMs: 230 * SECOND,
      pending: { id: C },
    });
    const again = { id: C, scope: null, channels: ["whatsapp"], rules: ROOMY, idempotency: null } as const;
    const { code, route } = startCommand({ id: C });
    expect(resend(third.state, { ...again, code, route }, 100 * SECOND).outcome).toMatchObject({
      code: "send_limit_reached",
    });
  });

  it("begins to count anew once the last of them has expired or was canceled", () => {
    const { state } = supersede(begin(EMPTY, A, 0).state, B, 10 * SECOND);
    for (const [before, now] of [
      [state, 310 * SECOND],
      [cancel(state, B, null, 11 * SECOND).state, 11 * SECOND],
    ] as const) {
      expect(supersede(before, C, now).outcome).toMatchObject({
        created: true,
        verification: { sendsRemaining: 2 },
      });
    }
  });

  it("keeps every send in the windows of the number, and an approval gives back those of all of them", () => {
    const rules = { ...RULES, limits: { windows: [{ quota: 3, windowMs: 3_600_000 }], keptForKnown: 0 } };
    const policy = freezePolicy({ ...DEFAULT_POLICY, maxSends: 9, resendAfterSeconds: [6] });
    const fields = { rules, policy };
    const first = begin(EMPTY, A, 0, fields);
    const second = supersede(first.state, B, 6 * SECOND, fields);
    const third = supersede(second.state, C, 12 * SECOND, fields);
    expect(supersede(third.state, D, 18 * SECOND, fields).outcome).toMatchObject({
      code: "send_limit_reached",
    });
    expect(check(third.state, right(C), 18 * SECOND).state.sends).toEqual([]);
  });

  it("does not make a network known that superseded the code which another one had requested", () => {
    const { state } = begin(EMPTY, A, 0, { attribution: OWNER });
    const next = supersede(state, B, 10 * SECOND, { attribution: STRANGER });
    expect(check(next.state, right(B), 11 * SECOND).state.known).toEqual([]);
    const same = supersede(state, B, 10 * SECOND, { attribution: OWNER });
    expect(check(same.state, right(B), 11 * SECOND).state.known).toHaveLength(2);
  });

  it("supersedes none of another session or purpose, and sends at once where none is pending", () => {
    const { state } = begin(EMPTY, A, 0, { session: "another" as SessionTag });
    const next = supersede(state, B, 1);
    expect(next.outcome).toMatchObject({ created: true, verification: { sendsRemaining: 2 } });
    expect(findVerification(next.state, A)?.status).toBe("pending");
  });

  it("has no cool-down on a test number, to which nothing is sent", () => {
    const { state } = begin(EMPTY, A, 0, { test: true });
    expect(supersede(state, B, 1, { test: true }).outcome).toMatchObject({
      kind: "send_answer",
      created: true,
      verification: { id: B },
    });
  });
});
