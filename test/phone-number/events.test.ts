import { describe, expect, it } from "vitest";
import type { CodeProof, SealedCode } from "../../src/codes/code.ts";
import type { VerificationId } from "../../src/ids/verification-id.ts";
import type { DeliveryUpdate } from "../../src/messages/delivery-update.ts";
import { cancel } from "../../src/phone-number/decisions/cancel.ts";
import { check } from "../../src/phone-number/decisions/check.ts";
import { recordUpdates } from "../../src/phone-number/decisions/delivery.ts";
import { start } from "../../src/phone-number/decisions/send.ts";
import type { VerificationEvent } from "../../src/phone-number/event.ts";
import { withEvents } from "../../src/phone-number/outbox.ts";
import { advance, EMPTY, type PhoneState } from "../../src/phone-number/phone-state.ts";
import { checkCommand, startCommand, TO } from "./commands.ts";

const ID = "vrf_0123456789abcdef0123456784" as VerificationId;
const RIGHT = "right" as CodeProof;
const EVERYTHING = [
  "verification.started",
  "verification.approved",
  "verification.expired",
  "verification.canceled",
  "verification.failed",
  "verification.message",
] as const;

/** A verification begun at time 0, whose subscribers want the given types of event. */
function begun(subscribedTypes: readonly (typeof EVERYTHING)[number][]): PhoneState {
  const command = startCommand({
    id: ID,
    subscribedTypes,
    code: { proof: RIGHT, sealed: "sealed" as SealedCode, fromCaller: false },
  });
  return withEvents(EMPTY, start(EMPTY, command, 0).state, 0);
}

function events(state: PhoneState): VerificationEvent[] {
  return state.outbox.filter((item) => item.kind === "verification");
}
const types = (state: PhoneState) => events(state).map(({ type }) => type);

const approve = (state: PhoneState, now: number) =>
  withEvents(state, check(state, checkCommand({ which: { id: ID }, proofs: [RIGHT] }), now).state, now);
const delivery = (status: DeliveryUpdate["status"], at: number): DeliveryUpdate => ({
  message: { id: ID, ordinal: 0 },
  providerMessageId: "wamid.1",
  status,
  at,
  error: null,
  pricing: null,
});
const update = (state: PhoneState, status: DeliveryUpdate["status"], now: number) =>
  withEvents(state, recordUpdates(state, [delivery(status, now)], now).state, now);

describe("events of a verification", () => {
  it("name the sender that the first status of a message came from", () => {
    const sent = (state: PhoneState, sender: string | null, status: DeliveryUpdate["status"], at: number) =>
      withEvents(state, recordUpdates(state, [{ ...delivery(status, at), sender }], at).state, at);
    const state = sent(
      sent(sent(begun(EVERYTHING), null, "sent", 1), "111", "delivered", 2),
      "222",
      "read",
      3,
    );
    const senders = events(state).map(({ verification }) => verification.messages[0]?.sender);
    expect(senders.slice(-3)).toEqual([undefined, "111", "111"]);
  });

  it("cover every change for their subscribers, with ids whose revision grows by one", () => {
    const state = approve(update(update(begun(EVERYTHING), "sent", 1), "delivered", 2), 3);
    expect(events(state).map(({ id, type }) => [id, type])).toEqual([
      [`evt_${ID.slice(4)}_1`, "verification.started"],
      [`evt_${ID.slice(4)}_2`, "verification.message"],
      [`evt_${ID.slice(4)}_3`, "verification.message"],
      [`evt_${ID.slice(4)}_4`, "verification.message"],
      [`evt_${ID.slice(4)}_5`, "verification.approved"],
    ]);
    expect(events(state).at(-1)?.verification).toMatchObject({
      status: "approved",
      revision: 5,
      closedAt: 3,
    });
  });

  it("are only the closing event where just the journal needs them", () => {
    expect(types(approve(update(begun([]), "delivered", 1), 2))).toEqual(["verification.approved"]);
  });

  it("continue after the verification closed, so that the journal stays current", () => {
    const state = update(approve(begun([]), 1), "read", 2);
    expect(types(state)).toEqual(["verification.approved", "verification.message"]);
    expect(events(state).at(-1)?.verification.messages[0]).toMatchObject({ status: "read" });
  });

  it("are caused by expiry and cancellation as well", () => {
    const state = begun([]);
    expect(types(withEvents(state, advance(state, 300_000), 300_000))).toEqual(["verification.expired"]);
    expect(types(withEvents(state, cancel(state, ID, null, 1).state, 1))).toEqual(["verification.canceled"]);
  });

  it("are not repeated where nothing changed", () => {
    const state = approve(begun(EVERYTHING), 1);
    expect(events(approve(state, 2))).toEqual(events(state));
    const read = update(state, "read", 3);
    expect(update(read, "read", 4)).toBe(read);
  });

  it("carry the phone number masked, and neither the whole number nor the code", () => {
    const text = JSON.stringify(events(approve(begun(EVERYTHING), 1)));
    expect(text).not.toContain(TO.slice(1));
    expect(text).not.toContain(RIGHT);
    expect(text).toContain('"toMasked":"+62*********90"');
  });
});
