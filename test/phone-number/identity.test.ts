import { expect, it } from "vitest";
import { check } from "../../src/phone-number/decisions/check.ts";
import { recordUpdates } from "../../src/phone-number/decisions/delivery.ts";
import { resend, start } from "../../src/phone-number/decisions/send.ts";
import { EMPTY, type PhoneState } from "../../src/phone-number/phone-state.ts";
import { candidate, checkCommand, newId, startCommand } from "./commands.ts";

const RULES = { owner: "off", identityChange: "refuse_whatsapp" } as const;
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

it("a start after an identity change uses the next channel in the same step, without WhatsApp as a later fallback", () => {
  const command = startCommand({ id: newId(1), channels: ["whatsapp", "sms"], rules: RULES });
  const { state, outcome } = start(changedPhone(), command, MINUTE);
  expect(outcome).toMatchObject({
    kind: "send",
    created: true,
    message: { channel: "sms", template: null, language: null },
    verification: { identityChanged: true },
  });
  expect(state.verifications.at(-1)?.channels).toEqual(["sms"]);
});

it("a start after an identity change is refused and changes nothing where WhatsApp is the only channel", () => {
  const state = changedPhone();
  const decision = start(state, startCommand({ id: newId(1), rules: RULES }), MINUTE);
  expect(decision.outcome).toEqual({ kind: "identity_changed" });
  expect(decision.state).toBe(state);
});

it("a resend over WhatsApp after an identity change is refused", () => {
  const command = startCommand({ id: newId(1), channels: ["whatsapp", "sms"], rules: RULES });
  const { state } = start(changedPhone(), command, MINUTE);
  const again = startCommand({ id: newId(1), rules: RULES });
  expect(resend(state, { ...again, scope: null }, 3 * MINUTE).outcome).toEqual({ kind: "identity_changed" });
});
