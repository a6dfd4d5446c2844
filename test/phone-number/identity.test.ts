import { expect, it } from "vitest";
import { check } from "../../src/phone-number/decisions/check.ts";
import { recordUpdates } from "../../src/phone-number/decisions/delivery.ts";
import { fallBackOverdue } from "../../src/phone-number/decisions/fallback.ts";
import { unlock } from "../../src/phone-number/decisions/limits.ts";
import { resend, start } from "../../src/phone-number/decisions/send.ts";
import { DEFAULT_NUMBER_LIMITS } from "../../src/phone-number/number-limits.ts";
import { EMPTY, type PhoneState } from "../../src/phone-number/phone-state.ts";
import { candidate, checkCommand, newId, startCommand } from "./commands.ts";

const DAY = 86_400_000;
const RULES = {
  owner: "off",
  identityChange: "refuse_whatsapp",
  identityHoldMs: 30 * DAY,
  limits: DEFAULT_NUMBER_LIMITS,
} as const;
const MINUTE = 60_000;

/** A number whose first code was approved on the phone "old", and whose phone is "new" since minute 1. */
function changedPhone(): PhoneState {
  const { state: started } = start(EMPTY, startCommand({ id: newId(0) }), 0);
  const { state: seen } = withIdentity(started, "old", 1);
  const { proof } = candidate("111111");
  const right = checkCommand({ which: { id: newId(0) }, proofs: [proof] });
  const { state: approved } = check(seen, right, 2);
  return withIdentity(approved, "new", MINUTE).state;
}

function withIdentity(state: PhoneState, identityHash: string, at: number) {
  const message = { id: newId(0), ordinal: 0 };
  const update = {
    message,
    providerMessageId: "wamid.1",
    status: "sent",
    error: null,
    pricing: null,
  } as const;
  return recordUpdates(state, [{ ...update, at, identityHash }], at);
}

it("a start after an identity change is refused on every channel, and changes nothing", () => {
  const state = changedPhone();
  for (const channels of [["whatsapp"], ["whatsapp", "sms"], ["sms"]] as const) {
    const decision = start(state, startCommand({ id: newId(1), channels, rules: RULES }), MINUTE);
    expect(decision.outcome).toEqual({ kind: "identity_changed" });
    expect(decision.state).toBe(state);
  }
});

/** A number whose phone changes to "new" while a verification is pending. */
function changedWhilePending(): PhoneState {
  const { state: started } = start(EMPTY, startCommand({ id: newId(0), rules: RULES }), 0);
  const seen = withIdentity(started, "old", 1).state;
  const { proof } = candidate("111111");
  const approved = check(seen, checkCommand({ which: { id: newId(0) }, proofs: [proof] }), 2).state;
  const command = startCommand({ id: newId(1), channels: ["whatsapp", "sms"], rules: RULES });
  return withIdentity(start(approved, command, MINUTE).state, "new", MINUTE + 1).state;
}

it("a resend after an identity change is refused", () => {
  const again = startCommand({ id: newId(1), channels: ["sms"], rules: RULES });
  const decision = resend(changedWhilePending(), { ...again, scope: null }, 3 * MINUTE);
  expect(decision.outcome).toEqual({ kind: "identity_changed" });
});

it("a pending code does not fall back to SMS after an identity change, by the clock or by a failure", () => {
  const state = changedWhilePending();
  const later = fallBackOverdue(state, 2 * MINUTE + 1);
  expect(later.verifications.at(-1)?.messages).toHaveLength(1);
  const update = {
    message: { id: newId(1), ordinal: 0 },
    providerMessageId: "wamid.2",
    status: "failed",
    error: null,
    pricing: null,
    at: MINUTE + 2,
  } as const;
  const failed = recordUpdates(state, [update], MINUTE + 2).state;
  expect(failed.verifications.at(-1)?.messages).toHaveLength(1);
});

it("an approval on a changed identity is valid, but does not make the new phone the trusted one", () => {
  const { proof } = candidate("111111");
  const right = checkCommand({ which: { id: newId(1) }, proofs: [proof] });
  const { state, outcome } = check(changedWhilePending(), right, MINUTE + 3);
  expect(outcome).toMatchObject({ valid: true, verification: { identityChanged: true } });
  expect(state.identity).toMatchObject({ approved: "old", current: "new" });
  expect(start(state, startCommand({ id: newId(2), rules: RULES }), 2 * MINUTE).outcome.kind).toBe(
    "identity_changed",
  );
});

it("a changed phone gets codes again once an operator has unlocked the number", () => {
  const { state, outcome } = unlock(changedPhone(), RULES, MINUTE);
  expect(outcome).toBe(true);
  expect(start(state, startCommand({ id: newId(1), rules: RULES }), MINUTE).outcome).toMatchObject({
    kind: "send",
    verification: { identityChanged: false },
  });
  expect(unlock(state, RULES, MINUTE).outcome).toBe(false);
});

it("a changed phone gets codes again after the time that is set, and the next approval trusts it", () => {
  const end = MINUTE + RULES.identityHoldMs;
  const command = startCommand({ id: newId(1), rules: RULES });
  expect(start(changedPhone(), command, end - 1).outcome.kind).toBe("identity_changed");
  const { state, outcome } = start(changedPhone(), command, end);
  expect(outcome).toMatchObject({ kind: "send", verification: { identityChanged: true } });
  const { proof } = candidate("111111");
  const checked = check(state, checkCommand({ which: { id: newId(1) }, proofs: [proof] }), end + 1);
  expect(checked.state.identity?.approved).toBe("new");
});

it("an approval makes a changed phone the trusted one where changes are only reported", () => {
  const rules = { ...RULES, identityChange: "report" } as const;
  const { state } = start(changedPhone(), startCommand({ id: newId(1), rules }), MINUTE);
  const { proof } = candidate("111111");
  const checked = check(state, checkCommand({ which: { id: newId(1) }, proofs: [proof] }), MINUTE + 1);
  expect(checked.state.identity?.approved).toBe("new");
});
